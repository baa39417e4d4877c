package snapshot_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// refused begins a restore, which must fail before the first row, with that
// error, and leave the target and its parent as they are.
func refused(t *testing.T, disk snapshot.FS, dir, want string) {
	t.Helper()
	parent, err := filepath.Abs(filepath.Join(dir, ".."))
	if err != nil {
		t.Fatal(err)
	}
	before := list(t, parent)
	r, err := snapshot.NewRestorer(dir, vectorlite.Check, unmoved, snapshot.RestoreOptions{FS: disk})
	if r != nil || err == nil || err.Error() != want || !errors.Is(err, snapshot.ErrTarget) {
		t.Errorf("\n got %v\nwant %s, as ErrTarget", err, want)
	}
	if after := list(t, parent); !slices.Equal(before, after) {
		t.Errorf("the parent holds %q, want %q", after, before)
	}
	if left := list(t, dir); len(left) != 0 {
		t.Errorf("the target holds %q", left)
	}
}

// The directory of the process is not replaced under it, whatever it is called.
func TestTargetIsCurrentDirectory(t *testing.T) {
	const rule = " is the current directory of this process and would be replaced under it; name a new directory below it, or change to another directory first"
	parent := t.TempDir()
	dir := filepath.Join(parent, "here")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Mkdir(filepath.Join(parent, "there"), 0o700), os.Symlink(parent, filepath.Join(parent, "link"))); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, name := range []string{".", "../here", dir, "../link/here"} {
		refused(t, snapshot.OS, name, "directory "+fault.Quote(name)+rule)
	}
	for _, name := range []string{"new", "../there"} {
		if _, err := restore(name, snapshot.RestoreOptions{}, small().rows(t, smallChunk)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const mountRule = " is a mount point, which cannot be replaced; name a new directory below it"

// elsewhere is a file system on which one directory is on another device.
type elsewhere struct {
	snapshot.FS
	name string
}

type otherDevice struct{ fs.FileInfo }

func (i otherDevice) Sys() any {
	stat := *i.FileInfo.Sys().(*syscall.Stat_t)
	stat.Dev++
	return &stat
}

func (e elsewhere) Lstat(name string) (fs.FileInfo, error) {
	info, err := e.FS.Lstat(name)
	if err == nil && name == e.name {
		return otherDevice{info}, nil
	}
	return info, err
}

func TestTargetOnAnotherDevice(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	refused(t, elsewhere{snapshot.OS, dir}, dir, "directory "+fault.Quote(dir)+mountRule)
}

// The same with a real file system; a link to it that leads to a directory below
// is none.
func TestTargetIsMountPoint(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("this user must not mount a tmpfs: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	refused(t, snapshot.OS, dir, "directory "+fault.Quote(dir)+mountRule)
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "empty"), 0o700), os.Symlink(dir, filepath.Join(parent, "link"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"new", "empty"} {
		if _, err := restore(filepath.Join(parent, "link", name), snapshot.RestoreOptions{}, small().rows(t, smallChunk)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whichever operation fails on the way into an empty directory, that directory
// is empty afterwards, and alone.
func TestRestoreIntoEmptyEveryOperationFails(t *testing.T) {
	rows := small().rows(t, smallChunk)
	for fail := 1; ; fail++ {
		parent := t.TempDir()
		dir := filepath.Join(parent, "out")
		if err := errors.Join(os.Mkdir(dir, 0o755), os.Chmod(dir, 0o755)); err != nil {
			t.Fatal(err)
		}
		disk := &tracingFS{FS: snapshot.OS, fail: fail}
		_, err := restore(dir, snapshot.RestoreOptions{FS: disk}, rows)
		if len(disk.trace) < fail {
			if err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir, small())
			want := []string{"chmod", "syncdir", "rename", "syncdir"} // in that order, at the end
			for i, step := range disk.trace[len(disk.trace)-len(want):] {
				if !strings.HasPrefix(step, want[i]) {
					t.Errorf("at the end: got %q, want %q", step, want[i])
				}
			}
			return
		}
		step := disk.trace[fail-1]
		if !errors.Is(err, errDisk) || !isOneLine(err.Error()) {
			t.Errorf("%s fails: got %v, want the cause", step, err)
		}
		// At the last step the target is what was restored already, and is removed.
		if left := list(t, parent); step != "syncdir "+parent && (!slices.Equal(left, []string{"out"}) || len(list(t, dir)) != 0) {
			t.Errorf("%s fails: left %q", step, left)
		}
	}
}
