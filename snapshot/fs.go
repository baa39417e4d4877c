package snapshot

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// FS is every file operation of verify and restore. Tests replace it to make
// the N-th operation fail; everybody else uses OS.
type FS interface {
	// Lstat describes a name without following a symbolic link.
	Lstat(name string) (fs.FileInfo, error)
	// ReadDir reads at most n names of a directory.
	ReadDir(name string, n int) ([]string, error)
	// Mkdir makes a directory that only its owner can use.
	Mkdir(name string) error
	// Create makes a new file that only its owner can use; it must not exist.
	Create(name string) (FSFile, error)
	// Rename replaces newName, which is nothing or an empty directory.
	Rename(oldName, newName string) error
	// Remove removes a file.
	Remove(name string) error
	// RemoveAll removes a directory with all that is in it.
	RemoveAll(name string) error
	// SyncDir makes the names in a directory durable.
	SyncDir(name string) error
	// SyncFile makes the bytes of a closed file durable.
	SyncFile(name string) error
}

// FSFile is a file that FS made.
type FSFile interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
}

// OS is the real file system.
var OS FS = osFS{}

type osFS struct{}

func (osFS) Lstat(name string) (fs.FileInfo, error) { return os.Lstat(name) }
func (osFS) Mkdir(name string) error                { return os.Mkdir(name, 0o700) }
func (osFS) Rename(oldName, newName string) error   { return os.Rename(oldName, newName) }
func (osFS) Remove(name string) error               { return os.Remove(name) }
func (osFS) RemoveAll(name string) error            { return os.RemoveAll(name) }
func (o osFS) SyncFile(name string) error           { return o.SyncDir(name) }

func (osFS) Create(name string) (FSFile, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return f, nil
}

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
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closed := d.Close(); err == nil {
		err = closed
	}
	return err
}

// TempDir is where temporary files go: SQLITE_TMPDIR, else TMPDIR, else the
// system's, as for SQLite's own.
func TempDir() string {
	if dir := os.Getenv("SQLITE_TMPDIR"); dir != "" {
		return dir
	}
	return os.TempDir()
}

// A tempFile is a private file whose name is removed at once where the system
// allows that, else when it is closed.
type tempFile struct {
	FSFile
	fs   FS
	name string // "" once it is removed
}

func newTempFile(fsys FS, dir string) (*tempFile, error) {
	name := filepath.Join(dir, ".vxsnap-"+randomHex())
	f, err := fsys.Create(name)
	if err != nil {
		return nil, err
	}
	t := &tempFile{f, fsys, name}
	if fsys.Remove(name) == nil {
		t.name = ""
	}
	return t, nil
}

// drop closes the file and removes what is left of it. Its bytes are of no use
// any more, so there is no error to report.
func (t *tempFile) drop() {
	_ = t.Close()
	if t.name != "" {
		_ = t.fs.Remove(t.name)
	}
}
