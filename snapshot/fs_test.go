package snapshot_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A tracingFS writes down what is done and lets the fail-th operation fail.
// Cleaning up always works.
type tracingFS struct {
	snapshot.FS
	trace []string
	fail  int // counted from 1; 0 lets none fail
	cause error
}

var errDisk = errors.New("disk trouble")

func (f *tracingFS) step(format string, args ...any) error {
	f.trace = append(f.trace, fmt.Sprintf(format, args...))
	if len(f.trace) == f.fail {
		if f.cause != nil {
			return f.cause
		}
		return errDisk
	}
	return nil
}

func (f *tracingFS) Lstat(name string) (fs.FileInfo, error) {
	if err := f.step("lstat %s", name); err != nil {
		return nil, err
	}
	return f.FS.Lstat(name)
}

func (f *tracingFS) ReadDir(name string, n int) ([]string, error) {
	if err := f.step("readdir %s", name); err != nil {
		return nil, err
	}
	return f.FS.ReadDir(name, n)
}

func (f *tracingFS) Mkdir(name string) error {
	return errors.Join(f.step("mkdir %s", name), f.unless(f.FS.Mkdir, name))
}

func (f *tracingFS) SyncDir(name string) error {
	return errors.Join(f.step("syncdir %s", name), f.unless(f.FS.SyncDir, name))
}

func (f *tracingFS) SyncFile(name string, interrupted func() error) error {
	sync := func(name string) error { return f.FS.SyncFile(name, interrupted) }
	return errors.Join(f.step("sync %s", name), f.unless(sync, name))
}

// unless does something unless the step before failed.
func (f *tracingFS) unless(do func(string) error, name string) error {
	if len(f.trace) == f.fail {
		return nil
	}
	return do(name)
}

func (f *tracingFS) Rename(from, to string) error {
	if err := f.step("rename %s to %s", from, to); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

func (f *tracingFS) Create(name string) (snapshot.FSFile, error) {
	if err := f.step("create %s", name); err != nil {
		return nil, err
	}
	file, err := f.FS.Create(name)
	return &tracingFile{file, f, name}, err
}

type tracingFile struct {
	snapshot.FSFile
	fs   *tracingFS
	name string
}

func (f *tracingFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fs.step("read %s", f.name); err != nil {
		n, _ := f.FSFile.ReadAt(p[:len(p)/2], off)
		return n, err
	}
	return f.FSFile.ReadAt(p, off)
}

func (f *tracingFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.fs.step("write %s", f.name); err != nil {
		n, _ := f.FSFile.WriteAt(p[:len(p)/2], off)
		return n, err
	}
	return f.FSFile.WriteAt(p, off)
}

func (f *tracingFile) Close() error {
	return errors.Join(f.fs.step("close %s", f.name), f.FSFile.Close())
}

// Every byte and every name is durable before the next step rests on it.
func TestRestoreSteps(t *testing.T) {
	parent := t.TempDir()
	disk := &tracingFS{FS: snapshot.OS}
	if _, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{FS: disk}, small().rows(t, 1024)); err != nil {
		t.Fatal(err)
	}
	trace := strings.ReplaceAll(strings.Join(disk.trace, "\n"), parent, "P")
	trace = regexp.MustCompile(`\.out\.vxsnap-[0-9a-f]{16}`).ReplaceAllString(trace, "S")
	want := strings.Split(`lstat P/out
lstat P
mkdir P/S
create P/S/database.db
create P/S/index_0.idx
write P/S/database.db
write P/S/index_0.idx
read P/S/index_0.idx
read P/S/index_0.idx
read P/S/index_0.idx
read P/S/index_0.idx
lstat P/S/database.db-wal
close P/S/database.db
close P/S/index_0.idx
sync P/S/database.db
sync P/S/index_0.idx
syncdir P/S
rename P/S to P/out
syncdir P`, "\n")
	// How often the check of an index reads is its own affair.
	got := slices.Compact(strings.Split(trace, "\n"))
	if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// Whichever operation fails, and however, half of it done, restore says so and
// leaves nothing behind, and the next attempt succeeds.
func TestRestoreEveryOperationFails(t *testing.T) {
	for _, order := range orders[:3] {
		for _, cause := range []error{errDisk, syscall.ENOSPC, syscall.EIO, io.ErrShortWrite} {
			t.Run(order.name+", "+cause.Error(), func(t *testing.T) { restoreFails(t, order, cause) })
		}
	}
}

func restoreFails(t *testing.T, order rowOrder, cause error) {
	rows := small().rows(t, smallChunk)
	order.apply(rows)
	for fail := 1; ; fail++ {
		parent := t.TempDir()
		dir := filepath.Join(parent, "out")
		disk := &tracingFS{FS: snapshot.OS, fail: fail, cause: cause}
		_, err := restore(dir, snapshot.RestoreOptions{FS: disk}, rows)
		if len(disk.trace) < fail {
			if err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir, small())
			return
		}
		step := disk.trace[fail-1]
		if strings.HasPrefix(step, "lstat "+parent) && err == nil {
			continue // of the parent: what it hides shows in the next step
		}
		// The temporary file of early rows is read before it is closed.
		if strings.HasPrefix(step, "close "+parent) && strings.Contains(step, "/.vxsnap-") && err == nil {
			continue
		}
		if !errors.Is(err, cause) || errors.Is(err, snapshot.ErrDamaged) || !isOneLine(err.Error()) {
			t.Errorf("%s fails: got %v, want the cause", step, err)
		}
		if left := list(t, parent); len(left) != 0 {
			t.Errorf("%s fails: left %q", step, left)
		}
		if _, err := restore(dir, snapshot.RestoreOptions{}, rows); err != nil {
			t.Errorf("%s failed: the next attempt: %v", step, err)
		}
	}
}

// A disk that fails is not damage: verify says so with an error.
func TestVerifyEveryOperationFails(t *testing.T) {
	rows := small().rows(t, smallChunk)
	slices.Reverse(rows)
	for fail := 1; ; fail++ {
		disk := &tracingFS{FS: snapshot.OS, fail: fail}
		v := snapshot.NewVerifier(vectorlite.Check, disk, nil)
		var err error
		for i := 0; i < len(rows) && err == nil; i++ {
			err = v.Add(&rows[i])
		}
		got, late := v.Result()
		v.Close()
		v.Close()
		if len(disk.trace) < fail || strings.HasPrefix(disk.trace[fail-1], "close") {
			if got != "ok" || err != nil || late != nil {
				t.Fatalf("got %q, %v, %v, want ok", got, err, late)
			}
			if len(disk.trace) < fail {
				return
			}
			continue
		}
		if got != "" || !errors.Is(late, errDisk) {
			t.Errorf("%s fails: got %q, %v, want the cause", disk.trace[fail-1], got, late)
		}
	}
}

// Rows that have to wait do so in a file in SQLITE_TMPDIR that has no name.
func TestTempDir(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("SQLITE_TMPDIR", temp)
	rows := small().rows(t, smallChunk)
	slices.Reverse(rows)
	disk := &tracingFS{FS: snapshot.OS}
	v := snapshot.NewVerifier(vectorlite.Check, disk, nil)
	defer v.Close()
	for i := range rows {
		if err := v.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
		if left := list(t, temp); len(left) != 0 {
			t.Fatalf("row %d: the directory lists %q", i, left)
		}
	}
	if len(disk.trace) == 0 || !strings.HasPrefix(disk.trace[0], "create "+temp+"/.vxsnap-") {
		t.Errorf("got the steps %q, want a file in %s first", disk.trace, temp)
	}

	t.Setenv("SQLITE_TMPDIR", filepath.Join(temp, "gone"))
	v = snapshot.NewVerifier(vectorlite.Check, nil, nil)
	defer v.Close()
	const want = "make a temporary file for rows that are not in order: "
	if err := v.Add(&rows[0]); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %q and that it does not exist", err, want)
	}
	t.Setenv("SQLITE_TMPDIR", "")
	if got, want := snapshot.TempDir(), os.TempDir(); got != want {
		t.Errorf("without SQLITE_TMPDIR: got %s, want %s", got, want)
	}
}
