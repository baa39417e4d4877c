package live

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A BaseDirectory is the snapshot.Base of a restored directory. Nothing is ever written
// to it.
type BaseDirectory string

// NewBaseDirectory checks that a directory is there.
func NewBaseDirectory(directory string) (BaseDirectory, error) {
	if directory == "" || strings.ContainsRune(directory, 0) {
		return "", misuse("directory %s is not the name of a directory", fault.Quote(directory))
	}
	path := directory
	if !filepath.IsAbs(path) { // the process may leave its own
		here, err := os.Getwd()
		if err != nil {
			return "", err
		}
		path = here + "/" + path
	}
	// Text cannot tell where ".." behind a link leads, and to walk through a link finds nothing.
	path, err := filepath.EvalSymlinks(path)
	var info fs.FileInfo
	if err == nil {
		info, err = os.Stat(path)
	}
	switch {
	case err != nil:
		return "", misuse("directory %s: %v; name the one that has the files", fault.Quote(directory), fault.Cause(err))
	case !info.IsDir():
		return "", misuse("directory %s is a file; name the directory that has the files", fault.Quote(directory))
	}
	return BaseDirectory(path), nil
}

// OpenBase implements snapshot.Base. A file that this process has open otherwise is
// refused: to close it would drop SQLite's locks.
func (d BaseDirectory) OpenBase(name string) (snapshot.BaseFile, error) {
	path := filepath.Join(string(d), filepath.FromSlash(name))
	f, err := openAlone(path)
	if errors.Is(err, unix.ENOTDIR) {
		return nil, fs.ErrNotExist // a file is where the name has a folder
	}
	if errors.Is(err, errOpenHere) {
		return nil, misuse("file %s is open in this process already, as a database perhaps, whose locks it would lose; close it first, or use a copy of the directory", fault.Quote(path))
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		closeAlone(f)
		return nil, err
	}
	return &baseFile{f, info.Size()}, nil
}

type baseFile struct {
	*os.File
	size int64
}

func (f *baseFile) Size() int64 { return f.size }
func (f *baseFile) Close()      { closeAlone(f.File) }
