package snapshot_test

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"github.com/vxsnap/vxsnap/snapshot"
)

// A tracingFS writes down what is done and lets the fail-th operation fail.
// Cleaning up always works. The goroutines of a pool may use it.
type tracingFS struct {
	snapshot.FS
	mu    sync.Mutex
	trace []string
	fail  int // counted from 1; 0 lets none fail
	cause error
}

var errDisk = errors.New("disk trouble")

func (f *tracingFS) step(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trace = append(f.trace, fmt.Sprintf(format, args...))
	if len(f.trace) == f.fail {
		if f.cause != nil {
			return f.cause
		}
		return errDisk
	}
	return nil
}

// steps is the trace, in which P is the parent of the target and S the staging
// directory, or the file that has no name yet.
func (f *tracingFS) steps(parent string) string {
	trace := strings.ReplaceAll(strings.Join(f.trace, "\n"), parent, "P")
	return stagingName.ReplaceAllString(trace, "S")
}

var stagingName = regexp.MustCompile(`\.out(\.tar)?\.vxsnap-[0-9a-f]{16}`)

func (f *tracingFS) Lstat(name string) (fs.FileInfo, error) {
	if err := f.step("lstat %s", name); err != nil {
		return nil, err
	}
	return f.FS.Lstat(name)
}

func (f *tracingFS) Resolve(name string) (string, error) {
	if err := f.step("resolve %s", strings.TrimSuffix(name, "/")); err != nil {
		return "", err
	}
	return f.FS.Resolve(name)
}

func (f *tracingFS) ReadDir(name string, n int) ([]string, error) {
	if err := f.step("readdir %s", name); err != nil {
		return nil, err
	}
	return f.FS.ReadDir(name, n)
}

func (f *tracingFS) Mkdir(name string) error {
	if err := f.step("mkdir %s", name); err != nil {
		return err
	}
	return f.FS.Mkdir(name)
}

func (f *tracingFS) Chown(name string, uid, gid int) error {
	if err := f.step("chown %s", name); err != nil {
		return err
	}
	return f.FS.Chown(name, uid, gid)
}

func (f *tracingFS) Chmod(name string, mode fs.FileMode) error {
	if err := f.step("chmod %s %o", name, mode.Perm()); err != nil {
		return err
	}
	return f.FS.Chmod(name, mode)
}

func (f *tracingFS) SyncDir(name string) error {
	if err := f.step("syncdir %s", name); err != nil {
		return err
	}
	return f.FS.SyncDir(name)
}

func (f *tracingFS) SyncFile(name string, interrupted func() error) error {
	if err := f.step("sync %s", name); err != nil {
		return err
	}
	return f.FS.SyncFile(name, interrupted)
}

func (f *tracingFS) Rename(from, to string) error {
	if err := f.step("rename %s to %s", from, to); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

func (f *tracingFS) RenameNew(from, to string) error {
	if err := f.step("rename %s to %s, which is new", from, to); err != nil {
		return err
	}
	return f.FS.RenameNew(from, to)
}

func (f *tracingFS) Create(name string) (snapshot.FSFile, error) {
	if err := f.step("create %s", name); err != nil {
		return nil, err
	}
	file, err := f.FS.Create(name)
	return &tracingFile{file, f, name}, err
}

func (f *tracingFS) Open(name string) (snapshot.FSFile, error) {
	if err := f.step("open %s", name); err != nil {
		return nil, err
	}
	file, err := f.FS.Open(name)
	return &tracingFile{file, f, name}, err
}

type tracingFile struct {
	snapshot.FSFile
	fs   *tracingFS
	name string
}

func (f *tracingFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fs.step("read %s", f.name); err != nil {
		n, _ := f.FSFile.ReadAt(p, off)
		return n / 2, err
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

func (f *tracingFile) CopyFrom(from snapshot.BaseFile, n int64, interrupted func() error) error {
	if err := f.fs.step("copy %s", f.name); err != nil {
		_ = f.FSFile.CopyFrom(from, n/2, interrupted)
		return err
	}
	return f.FSFile.CopyFrom(from, n, interrupted)
}

func (f *tracingFile) Close() error {
	return errors.Join(f.fs.step("close %s", f.name), f.FSFile.Close())
}
