package snapshot_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
)

// save writes a snapshot of files to a file, as vx_snapshot_save does.
func (f files) save(t testing.TB, path string, fsys snapshot.FS, opt snapshot.Options) (err error) {
	t.Helper()
	file, err := snapshot.Create(path, fsys, opt.Interrupted)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close(), file.Close()) }()
	if _, err := open(t, f.sources(), opt).Tar().WriteTo(file); err != nil {
		return err
	}
	return file.Commit()
}

// Every byte and the name are durable before the next step rests on them, and the name
// comes last.
func TestNewFileSteps(t *testing.T) {
	parent := t.TempDir()
	disk := &tracingFS{FS: snapshot.OS}
	if err := small().save(t, filepath.Join(parent, "out.tar"), disk, snapshot.Options{}); err != nil {
		t.Fatal(err)
	}
	want := []string{"resolve P", "lstat P/out.tar", "create P/S", "write P/S", "close P/S", "sync P/S", "rename P/S to P/out.tar, which is new", "syncdir P"}
	got := slices.Compact(strings.Split(disk.steps(parent), "\n"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	info, err := os.Stat(filepath.Join(parent, "out.tar"))
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode: got %v, %v", info.Mode(), err)
	}
	if left := list(t, parent); !slices.Equal(left, []string{"out.tar"}) {
		t.Errorf("there are %q, want the file alone", left)
	}
}

// What the writer was told is what is there.
func TestNewFileWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.tar")
	disk := &countingFS{FS: snapshot.OS}
	file, err := snapshot.Create(path, disk, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	whole := noise(3, 21*mib+7)
	for rest := whole; len(rest) > 0; {
		n := min(len(rest), 3*mib)
		if m, err := file.Write(rest[:n]); m != n || err != nil {
			t.Fatal(m, err)
		}
		rest = rest[n:]
	}
	if err := file.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, whole) || file.Size() != int64(len(whole)) || file.Path() != path {
		t.Errorf("%d bytes, size %d, path %s, %v", len(got), file.Size(), file.Path(), err)
	}
	// The device had all but the last steps before the end.
	if backs, back := disk.backs.Load(), disk.back.Load(); backs != 2 || back != 16*mib {
		t.Errorf("written back: %d bytes in %d parts", back, backs)
	}
}

// The names are relative to a directory with these in it.
func TestNewFileNames(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"new.tar", ""},
		{"./folder/../new.tar", ""},
		{"nosuch/../new.tar", "the folder of file '$/nosuch/../new.tar' does not exist; make it first"},
		{"file/../new.tar", "look at file '$/file/../new.tar': not a directory"},
		{"link to folder/new.tar", ""},
		{"it's\nnew", ""},
		{strings.Repeat("n", 255), ""},
		{strings.Repeat("ä", 127), ""},
		{"file", "file '$/file' exists, and is not replaced; name another, or remove it first"},
		{"folder", "file '$/folder' exists, and is not replaced; name another, or remove it first"},
		{"dangling", "file '$/dangling' exists, and is not replaced; name another, or remove it first"},
		{"gone/new", "the folder of file '$/gone/new' does not exist; make it first"},
		{"dangling/new", "the folder of file '$/dangling/new' does not exist; make it first"},
		{"file/new", "look at file '$/file/new': not a directory"},
		{"", "path '' is not the name of a file"},
		{"folder/", "path 'folder/' is not the name of a file"},
		{"folder/.", "path 'folder/.' is not the name of a file"},
		{"folder/..", "path 'folder/..' is not the name of a file"},
		{"a\x00b", "path 'a?b' is not the name of a file"},
		{strings.Repeat("n", 256), "look at file '$/n…': file name too long"},
	} {
		t.Run(c.path, func(t *testing.T) {
			t.Chdir(shortDir(t))
			here, err := os.Getwd()
			for _, err := range []error{
				err, os.WriteFile("file", []byte("mine"), 0o600), os.Mkdir("folder", 0o700),
				os.Symlink("folder", "link to folder"), os.Symlink("nothing", "dangling"),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			before := append(list(t, "."), list(t, "folder")...)
			if c.want != "" { // before anything is read
				_, err = snapshot.Create(c.path, nil, nil)
			} else if err = small().save(t, c.path, nil, snapshot.Options{}); err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if rows, err := readSaved(c.path); err != nil || verify(t, nil, rows) != "ok" {
					t.Errorf("%v", err)
				}
				if err := os.Remove(c.path); err != nil {
					t.Error(err)
				}
			} else if want := strings.ReplaceAll(c.want, "$", here); err == nil || err.Error() != want &&
				!strings.HasPrefix(err.Error(), strings.TrimSuffix(want, "…': file name too long")) {
				t.Errorf("\n got %v\nwant %s", err, want)
			}
			if after := append(list(t, "."), list(t, "folder")...); !slices.Equal(after, before) {
				t.Errorf("there are %q, were %q", after, before)
			}
		})
	}
}

// shortDir is a directory whose name fits into a sentence.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "n")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// How a file is written its name says.
func TestCompressionOf(t *testing.T) {
	for path, want := range map[string]snapshot.Compression{
		"a.tar": snapshot.CompressNothing, "/b/a.tar.zst": snapshot.CompressBlocks, "a.zst.tar": snapshot.CompressNothing, ".tar": snapshot.CompressNothing,
	} {
		if got, err := snapshot.CompressionOf(path); got != want || err != nil {
			t.Errorf("%s: got %v, %v", path, got, err)
		}
	}
	for _, path := range []string{"", "a", "a.tgz", "a.zst", "a.TAR", "a.tar.gz", "a.tar/", "tar", "a.tar "} {
		_, err := snapshot.CompressionOf(path)
		want := "path '" + path + "' must end with .tar or .tar.zst, which says how it is written"
		if !errors.Is(err, snapshot.ErrTarget) || err.Error() != want {
			t.Errorf("%q: got %v", path, err)
		}
	}
}
