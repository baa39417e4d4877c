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

// OpenBase implements snapshot.Base. A file may be open in this process otherwise, as a
// database perhaps, whose locks it keeps; but where the system has no descriptor tables for
// threads it is refused.
func (d BaseDirectory) OpenBase(name string) (snapshot.BaseFile, error) {
	path := filepath.Join(string(d), filepath.FromSlash(name))
	f, err := openApart(path)
	if errors.Is(err, unix.ENOTDIR) {
		return nil, fs.ErrNotExist // a file is where the name has a folder
	}
	if errors.Is(err, errOpenHere) {
		return nil, misuse("file %s is open in this process already, as a database perhaps, whose locks it would lose; close it first, or use a copy of the directory", fault.Quote(path))
	}
	if err != nil {
		return nil, err
	}
	st, err := f.stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	if f, ok := f.(apartFile); ok {
		return &apartBase{f, sized(st.Size)}, nil
	}
	return &aloneBase{f, sized(st.Size)}, nil
}

type (
	apartBase struct {
		apartFile
		sized
	}
	aloneBase struct {
		readFile
		sized
	}
)

// A sized is how many bytes a file had when it was opened.
type sized int64

// Size implements snapshot.BaseFile.
func (n sized) Size() int64 { return int64(n) }
