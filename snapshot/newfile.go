package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A NewFile is a file that is written beside its name, and gets it when it is whole. It
// never takes the place of another. It is for one goroutine. Unless Commit returned nil,
// Close removes what was written; it may be called twice.
type NewFile struct {
	fs          FS
	interrupted func() error
	path        string // that resolve gives
	temporary   string // "" where there is none
	file        FSFile // nil when it is closed
	size        int64  // bytes
}

// CompressionOf is how a saved file of this name is compressed: .tar or .tar.zst.
func CompressionOf(path string) (Compression, error) {
	switch {
	case strings.HasSuffix(path, ".tar"):
		return CompressNothing, nil
	case strings.HasSuffix(path, ".tar.zst"):
		return CompressBlocks, nil
	}
	return 0, target("path %s must end with .tar or .tar.zst, which says how it is written", fault.Quote(path))
}

// Create makes a NewFile, which only its owner can use. Nothing may have its name, and
// its folder must exist: an error wraps ErrTarget, or comes from the file system. A nil
// fsys means OS; interrupted is asked as in Options, and may be nil.
func Create(path string, fsys FS, interrupted func() error) (*NewFile, error) {
	if fsys == nil {
		fsys = OS
	}
	switch name := path[strings.LastIndexByte(path, '/')+1:]; {
	case name == "", name == ".", name == "..", strings.ContainsRune(path, 0):
		return nil, target("path %s is not the name of a file", fault.Quote(path))
	}
	f := &NewFile{fs: fsys, interrupted: orNever(interrupted)}
	var err error
	if f.path, err = resolve(fsys, path); errors.Is(err, fs.ErrNotExist) {
		return nil, target("the folder of file %s does not exist; make it first", fault.Quote(f.path))
	} else if err != nil {
		return nil, fmt.Errorf("look at file %s: %w", fault.Quote(f.path), fault.Cause(err))
	}
	switch _, err := fsys.Lstat(f.path); {
	case err == nil:
		return nil, f.exists()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("look at file %s: %w", fault.Quote(f.path), fault.Cause(err))
	}
	temporary := besides(f.path)
	if f.file, err = fsys.Create(temporary); err != nil {
		return nil, fmt.Errorf("make a file in %s: %w", fault.Quote(filepath.Dir(f.path)), fault.Cause(err))
	}
	f.temporary = temporary
	return f, nil
}

func (f *NewFile) exists() error {
	return taken("file %s exists, and is not replaced; name another, or remove it first", fault.Quote(f.path))
}

var errNoFile = errors.New("the file is committed or closed already; create another one")

// Path is the path that the file will have, absolute and without symbolic links.
func (f *NewFile) Path() string { return f.path }

// Size is how many bytes were written.
func (f *NewFile) Size() int64 { return f.size }

// Write implements io.Writer. The device gets the bytes while others come.
func (f *NewFile) Write(p []byte) (int, error) {
	if f.file == nil {
		return 0, errNoFile
	}
	n, err := f.file.WriteAt(p, f.size)
	before := f.size / writebackStep * writebackStep
	f.size += int64(n)
	if err != nil {
		return n, fmt.Errorf("write %s: %w", fault.Quote(f.path), fault.Cause(err))
	}
	if full := f.size / writebackStep * writebackStep; full > before {
		f.file.StartWriteback(before, full-before)
	}
	return n, nil
}

// Commit makes the bytes durable, gives the file its name, and makes that durable.
func (f *NewFile) Commit() error {
	if f.file == nil {
		return errNoFile
	}
	err := f.file.Close()
	f.file = nil
	if err == nil {
		err = f.fs.SyncFile(f.temporary, f.interrupted)
	}
	if err != nil {
		return fmt.Errorf("sync %s: %w", fault.Quote(f.path), fault.Cause(err))
	}
	switch err := f.fs.RenameNew(f.temporary, f.path); {
	case errors.Is(err, fs.ErrExist):
		return f.exists()
	case err != nil:
		return fmt.Errorf("give %s its name: %w", fault.Quote(f.path), fault.Cause(err))
	}
	if err := f.fs.SyncDir(filepath.Dir(f.path)); err != nil {
		f.temporary = f.path // the name may not last, and must not look complete
		return fmt.Errorf("sync the folder of %s: %w", fault.Quote(f.path), fault.Cause(err))
	}
	f.temporary = ""
	return nil
}

// Close removes what is not committed. The error is that of the removal.
func (f *NewFile) Close() (err error) {
	if f.file != nil {
		_ = f.file.Close() // its bytes are of no use
		f.file = nil
	}
	if f.temporary != "" {
		err = f.fs.Remove(f.temporary)
		f.temporary = ""
	}
	return err
}
