package over_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live/over"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A steppedFS calls before ahead of every file operation; an error is that of the operation.
// After says that the operation is done all the same.
type steppedFS struct {
	over.FS
	before func(operation string) error
	after  bool
}

func (f *steppedFS) step(do func() error, format string, args ...any) error {
	err := f.before(fmt.Sprintf(format, args...))
	if err != nil && !f.after {
		return err
	}
	return errors.Join(err, do())
}

func (f *steppedFS) Lstat(name string) (info fs.FileInfo, err error) {
	if err := f.before("lstat " + name); err != nil {
		return nil, err
	}
	return f.FS.Lstat(name)
}

func (f *steppedFS) ReadFile(name string) ([]byte, error) {
	if err := f.before("read " + name); err != nil {
		return nil, err
	}
	return f.FS.ReadFile(name)
}

func (f *steppedFS) ReadDir(name string, n int) ([]string, error) {
	if err := f.before("readdir " + name); err != nil {
		return nil, err
	}
	return f.FS.ReadDir(name, n)
}

func (f *steppedFS) Create(name string) (file snapshot.FSFile, err error) {
	err = f.step(func() (err error) {
		file, err = f.FS.Create(name)
		return err
	}, "create %s", name)
	if err != nil {
		if file != nil {
			file.Close()
		}
		return nil, err
	}
	return &steppedFile{file, f, name}, nil
}

func (f *steppedFS) Open(name string) (snapshot.FSFile, error) {
	if err := f.before("open " + name); err != nil {
		return nil, err
	}
	file, err := f.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return &steppedFile{file, f, name}, nil
}

func (f *steppedFS) Mkdir(name string) error {
	return f.step(func() error { return f.FS.Mkdir(name) }, "mkdir %s", name)
}

func (f *steppedFS) Chown(name string, uid, gid int) error {
	return f.step(func() error { return f.FS.Chown(name, uid, gid) }, "chown %s", name)
}

func (f *steppedFS) Chmod(name string, mode fs.FileMode) error {
	return f.step(func() error { return f.FS.Chmod(name, mode) }, "chmod %s", name)
}

func (f *steppedFS) Rename(from, to string) error {
	return f.step(func() error { return f.FS.Rename(from, to) }, "rename %s to %s", from, to)
}

func (f *steppedFS) RenameNew(from, to string) error {
	return f.step(func() error { return f.FS.RenameNew(from, to) }, "rename %s to %s, which is new", from, to)
}

func (f *steppedFS) Link(from, to string) error {
	return f.step(func() error { return f.FS.Link(from, to) }, "link %s to %s", from, to)
}

func (f *steppedFS) Exchange(a, b string) error {
	return f.step(func() error { return f.FS.Exchange(a, b) }, "exchange %s and %s", a, b)
}

func (f *steppedFS) Remove(name string) error {
	return f.step(func() error { return f.FS.Remove(name) }, "remove %s", name)
}

func (f *steppedFS) RemoveAll(name string) error {
	return f.step(func() error { return f.FS.RemoveAll(name) }, "remove all of %s", name)
}

func (f *steppedFS) SyncDir(name string) error {
	return f.step(func() error { return f.FS.SyncDir(name) }, "syncdir %s", name)
}

func (f *steppedFS) SyncFile(name string, interrupted func() error) error {
	return f.step(func() error { return f.FS.SyncFile(name, interrupted) }, "sync %s", name)
}

type steppedFile struct {
	snapshot.FSFile
	fs   *steppedFS
	name string
}

func (f *steppedFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.fs.before("write " + f.name); err != nil {
		n, _ := f.FSFile.WriteAt(p[:len(p)/2], off)
		return n, err
	}
	return f.FSFile.WriteAt(p, off)
}

func (f *steppedFile) Close() error {
	return errors.Join(f.fs.before("close "+f.name), f.FSFile.Close())
}

// killedBefore is a file system on which the process dies before the n-th operation that
// may be the last.
func killedBefore(n int) over.FS {
	count := 0
	return &steppedFS{FS: over.OS, before: func(operation string) error {
		if strings.HasPrefix(operation, "lstat ") || strings.HasPrefix(operation, "close ") {
			return nil // changes nothing
		}
		if count++; count == n {
			_ = unix.Kill(os.Getpid(), unix.SIGKILL)
			select {}
		}
		return nil
	}}
}
