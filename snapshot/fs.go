package snapshot

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// FS is every file operation of verify and restore. Tests replace it to make
// the N-th operation fail; everybody else uses OS.
type FS interface {
	// Lstat describes a name without following a symbolic link.
	Lstat(name string) (fs.FileInfo, error)
	// Resolve gives the path of a directory without symbolic links, "." and "..", which
	// it follows as the system does.
	Resolve(directory string) (string, error)
	// ReadDir reads at most n names of a directory.
	ReadDir(name string, n int) ([]string, error)
	// Mkdir makes a directory that only its owner can use.
	Mkdir(name string) error
	// Chown gives a directory an owner and a group.
	Chown(name string, uid, gid int) error
	// Chmod gives a directory a mode.
	Chmod(name string, mode fs.FileMode) error
	// Create makes a new file that only its owner can use; it must not exist.
	Create(name string) (FSFile, error)
	// Open opens a file that Create made, for reading and writing.
	Open(name string) (FSFile, error)
	// Rename replaces newName, which is nothing or an empty directory.
	Rename(oldName, newName string) error
	// RenameNew gives a file another name, which nothing has: else the error is
	// fs.ErrExist.
	RenameNew(oldName, newName string) error
	// Remove removes a file or an empty directory.
	Remove(name string) error
	// RemoveAll removes a directory with all that is in it.
	RemoveAll(name string) error
	// SyncDir makes the names in a directory durable.
	SyncDir(name string) error
	// SyncFile makes the bytes of a closed file durable. It may take long;
	// interrupted is asked as in Options.
	SyncFile(name string, interrupted func() error) error
}

// writebackStep is how much of a file the device gets at a time, while rows come and
// between two questions whether to go on, in bytes: some tens of milliseconds on a slow
// disk. What is left for the fsync at the end is little.
const writebackStep = 8 << 20

// FSFile is a file that FS made or opened.
type FSFile interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// StartWriteback lets the device have some bytes soon. It does not wait, and
	// promises nothing: SyncFile does.
	StartWriteback(offset, length int64)
	// CopyFrom makes the first n bytes those of another file, shared where the file
	// system can; interrupted is asked as in Options.
	CopyFrom(from BaseFile, n int64, interrupted func() error) error
}

// OS is the real file system.
var OS FS = osFS{}

type osFS struct{}

func (osFS) Lstat(name string) (fs.FileInfo, error) { return os.Lstat(name) }
func (osFS) Resolve(name string) (string, error)    { return filepath.EvalSymlinks(name) }
func (osFS) Chown(name string, uid, gid int) error  { return os.Chown(name, uid, gid) }
func (osFS) Chmod(name string, m fs.FileMode) error { return os.Chmod(name, m) }
func (osFS) Remove(name string) error               { return os.Remove(name) }
func (osFS) RemoveAll(name string) error            { return os.RemoveAll(name) }

func (osFS) Mkdir(name string) error {
	err := os.Mkdir(name, 0o700)
	if err != nil {
		return err
	}
	info, err := os.Lstat(name)
	if err == nil {
		err = letOwner(info, 0o700, func(m fs.FileMode) error { return os.Chmod(name, m) })
	}
	if err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// Rename is the system call: os.Rename refuses an empty directory.
func (osFS) Rename(oldName, newName string) error {
	for {
		if err := unix.Rename(oldName, newName); err != unix.EINTR {
			return err
		}
	}
}

func (osFS) Create(name string) (FSFile, error) {
	f, err := open(name, os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = letOwner(info, 0o600, f.Chmod)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(name))
	}
	return f, nil
}

func (osFS) Open(name string) (FSFile, error) {
	f, err := open(name, 0)
	if err != nil {
		return nil, err // no FSFile: a nil *os.File would be one
	}
	return f, nil
}

// letOwner gives the owner rights that a umask has taken. Some file systems have no modes
// to change, which is no error where nothing is missing.
func letOwner(info fs.FileInfo, rights fs.FileMode, chmod func(fs.FileMode) error) error {
	if info.Mode()&rights == rights {
		return nil
	}
	return chmod(info.Mode() | rights)
}

func open(name string, flags int) (osFile, error) {
	f, err := os.OpenFile(name, os.O_RDWR|flags, 0o600)
	return osFile{f}, err
}

type osFile struct{ *os.File }

func (f osFile) StartWriteback(offset, length int64) { startWriteback(f.File, offset, length) }

func (osFS) ReadDir(name string, n int) ([]string, error) {
	d, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(n)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return names, err
}

func (osFS) SyncDir(name string) error {
	return syncClose(name, func(*os.File) error { return nil })
}

func (osFS) SyncFile(name string, interrupted func() error) error {
	return syncClose(name, func(f *os.File) error { return writeBack(f, interrupted) })
}

// syncClose opens a name, prepares it, and makes it durable.
func syncClose(name string, prepare func(*os.File) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	if err = prepare(f); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
