package live_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// writeIndex makes an index file whose last change is long ago.
func writeIndex(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "docs.idx")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	age(t, path)
	return path
}

func age(t *testing.T, path string) {
	t.Helper()
	then := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

func openIndex(t *testing.T, path string) *live.IndexFile {
	t.Helper()
	i, err := live.OpenIndexFile(vectorlite.Table{Name: "docs_vec", Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	return i
}

func proceed() error { return nil }

func TestIndexFile(t *testing.T) {
	content := testkit.IndexImage(1, 3)
	path := writeIndex(t, content)
	link := filepath.Join(t.TempDir(), "link.idx")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, link} {
		i := openIndex(t, path)
		info, err := i.Check(proceed)
		if err != nil || info.Elements != 3 || info.MaxElements != 13 || i.Size() != int64(len(content)) {
			t.Errorf("got %+v, %v, size %d, want 3 of 13 elements in %d bytes", info, err, i.Size(), len(content))
		}
		if err := errors.Join(i.Unchanged(), i.Current()); err != nil {
			t.Error(err)
		}
		s := i.Source("index_0.idx")
		got := make([]byte, s.File.Size)
		if _, err := s.Reader.ReadAt(got, 0); err != nil || !bytes.Equal(got, content) {
			t.Errorf("the source gives other bytes: %v", err)
		}
		if f := s.File; f.Name != "index_0.idx" || f.Type != snapshot.TypeIndex || f.Table != "docs_vec" || f.Path != path {
			t.Errorf("got the source %+v", f)
		}
	}
}

func TestIndexFileRefuses(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		is   error
		want string
	}{
		{dir, snapshot.ErrIndexFile, " of table 'docs_vec' is not a regular file but a directory"},
		{fifo, snapshot.ErrIndexFile, " of table 'docs_vec' is not a regular file but a FIFO"},
		{"/dev/null", snapshot.ErrIndexFile, " of table 'docs_vec' is not a regular file but a device"},
		{filepath.Join(dir, "gone"), fs.ErrNotExist, " of table 'docs_vec': no such file or directory"},
		{"", fs.ErrNotExist, " of table 'docs_vec': no such file or directory"},
	} {
		i, err := live.OpenIndexFile(vectorlite.Table{Name: "docs_vec", Path: c.path})
		if err == nil {
			i.Close()
			t.Errorf("%q was opened", c.path)
			continue
		}
		if want := "index file " + fault.Quote(c.path) + c.want; err.Error() != want || !errors.Is(err, c.is) {
			t.Errorf("\n got %q\nwant %q", err, want)
		}
	}
}

func TestIndexFileCheckNamesTheFile(t *testing.T) {
	path := writeIndex(t, []byte("short"))
	_, err := openIndex(t, path).Check(proceed)
	want := "index file " + fault.Quote(path) + " of table 'docs_vec': not an hnswlib index: it has 5 bytes, its header alone has 96"
	if !errors.Is(err, snapshot.ErrIndexFile) || err.Error() != want {
		t.Errorf("\n got %v\nwant %q", err, want)
	}
	stop := errors.New("stop")
	if _, err := openIndex(t, writeIndex(t, testkit.IndexImage(1, 3))).Check(func() error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want %v", err, stop)
	}
}

// What happens to a file after it was opened. Unchanged is about its bytes,
// Current about its name.
func TestIndexFileChanges(t *testing.T) {
	content := testkit.IndexImage(1, 3)
	for _, c := range []struct {
		name               string
		do                 func(path string) error
		unchanged, current bool
	}{
		{"nothing", func(string) error { return nil }, true, true},
		{"rewritten in place", func(path string) error { return os.WriteFile(path, testkit.IndexImage(2, 3), 0o600) }, false, false},
		{"rewritten with the same bytes", func(path string) error { return os.WriteFile(path, content, 0o600) }, false, false},
		{"made longer", func(path string) error { return os.Truncate(path, 1000) }, false, false},
		{"cut off", func(path string) error { return os.Truncate(path, 0) }, false, false},
		{"rewritten with its old time", func(path string) error {
			info, err := os.Stat(path)
			if err == nil {
				err = os.WriteFile(path, testkit.IndexImage(2, 3), 0o600)
			}
			return errors.Join(err, os.Chtimes(path, info.ModTime(), info.ModTime()))
		}, false, false},
		{"one byte written", func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteAt([]byte{1}, 150)
			return errors.Join(err, f.Close())
		}, false, false},
		{"replaced by rename", replace, true, false},
		{"exchanged, as a flush does", func(path string) error {
			other := path + ".vx-flush"
			return errors.Join(os.WriteFile(other, testkit.IndexImage(2, 3), 0o600),
				unix.Renameat2(unix.AT_FDCWD, other, unix.AT_FDCWD, path, unix.RENAME_EXCHANGE))
		}, true, false},
		{"removed", os.Remove, true, false},
		{"moved away", func(path string) error { return os.Rename(path, path+".old") }, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeIndex(t, content)
			i := openIndex(t, path)
			if err := c.do(path); err != nil {
				t.Fatal(err)
			}
			want := "index file " + fault.Quote(path) + " of table 'docs_vec' changed while it was read"
			for _, got := range []struct {
				name string
				err  error
				ok   bool
			}{{"Unchanged", i.Unchanged(), c.unchanged}, {"Current", i.Current(), c.current}} {
				if got.ok && got.err != nil {
					t.Errorf("%s: %v", got.name, got.err)
				}
				if !got.ok && (!errors.Is(got.err, snapshot.ErrChanged) || got.err.Error() != want) {
					t.Errorf("%s: got %v, want %q", got.name, got.err, want)
				}
			}
		})
	}
}

// An index that is rewritten while its rows go out ends them with an error, before a
// row has other bytes. What happens after the stream has read it does not matter any
// more, nor does a file that takes its name.
func TestIndexFileChangesInMidStream(t *testing.T) {
	large := testkit.IndexImage(1, 500000) // more than a stream reads ahead
	rewrite := func(path string) error { return os.WriteFile(path, testkit.IndexImage(2, 3), 0o600) }
	for _, c := range []struct {
		name    string
		content []byte
		seq     int64 // of the row after which it happens
		do      func(path string) error
		changed bool
	}{
		{"rewritten before its rows", testkit.IndexImage(1, 3), 0, rewrite, true},
		{"rewritten among its rows", large, 1, rewrite, true},
		{"rewritten after its rows", testkit.IndexImage(1, 3), 2, rewrite, false},
		{"replaced before its rows", testkit.IndexImage(1, 3), 0, replace, false},
		{"replaced among its rows", large, 1, replace, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeIndex(t, c.content)
			s := open(t, openIndex(t, path), snapshot.MinChunkSize)
			v := snapshot.NewVerifier(vectorlite.Check, nil, nil)
			defer v.Close()
			var got []byte
			err := s.Each(func(row *snapshot.Row) error {
				if row.FileName == "index_0.idx" {
					got = append(got, row.Data...)
				}
				if err := v.Add(row); err != nil {
					return err
				}
				if row.Seq == c.seq {
					return c.do(path)
				}
				return nil
			})
			if !bytes.HasPrefix(c.content, got) {
				t.Error("the rows have other bytes than the file had")
			}
			if c.changed {
				if !errors.Is(err, snapshot.ErrChanged) {
					t.Errorf("got %v, want %v", err, snapshot.ErrChanged)
				}
				if _, again := s.Next(); again != err { //nolint:errorlint // the very same
					t.Errorf("after the error: got %v", again)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if verdict, err := v.Result(); err != nil || verdict != "ok" {
				t.Errorf("got %s, %v", verdict, err)
			}
		})
	}
}

func replace(path string) error {
	return errors.Join(os.WriteFile(path+".new", testkit.IndexImage(2, 3), 0o600), os.Rename(path+".new", path))
}

// A file that was written just now is waited for: a second change in the same
// tick of the kernel's clock would not show.
func TestIndexFileSettles(t *testing.T) {
	path := writeIndex(t, testkit.IndexImage(1, 3))
	for range 5 {
		if err := os.WriteFile(path, testkit.IndexImage(1, 3), 0o600); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		i := openIndex(t, path)
		if got, least := time.Since(info.ModTime()), 20*time.Millisecond; got < least {
			t.Errorf("opened %v after the last change, want at least %v", got, least)
		}
		if err := os.WriteFile(path, testkit.IndexImage(2, 3), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := i.Unchanged(); !errors.Is(err, snapshot.ErrChanged) {
			t.Errorf("got %v, want ErrChanged", err)
		}
	}
}

// Where times are whole seconds, a second change in the same one would not show.
func TestIndexFileSettlesInSeconds(t *testing.T) {
	path := writeIndex(t, testkit.IndexImage(1, 3))
	second := time.Now().Truncate(time.Second)
	if err := os.Chtimes(path, second, second); err != nil {
		t.Fatal(err)
	}
	openIndex(t, path)
	if got, least := time.Since(second), 2*time.Second; got < least {
		t.Errorf("opened %v after the last change, want at least %v", got, least)
	}
}

// open starts a snapshot of a database of 1024 bytes and an index file.
func open(t *testing.T, i *live.IndexFile, chunkSize int64) *snapshot.Stream {
	t.Helper()
	database := snapshot.Source{
		File:   snapshot.File{Name: snapshot.DatabaseName, Type: snapshot.TypeDatabase, Size: 1024, PageSize: 512},
		Reader: bytes.NewReader(testkit.Noise(1, 1024)),
	}
	s, err := snapshot.Open([]snapshot.Source{i.Source("index_0.idx"), database}, snapshot.Options{ChunkSize: chunkSize})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}
