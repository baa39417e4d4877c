package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A BaseDirectory is the snapshot.Base of a restored directory.
type BaseDirectory string

// OpenBase implements snapshot.Base. A file that this process has open otherwise is
// refused: to close it would drop SQLite's locks.
func (d BaseDirectory) OpenBase(name string) (snapshot.BaseFile, error) {
	path := filepath.Join(string(d), filepath.FromSlash(name))
	f, err := openAlone(path)
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

// ManifestOfDirectory is the manifest of a directory's files as they are: of those whose
// names a snapshot can have. A database that is in use, so that not all of it is in its
// file, is an error.
func (cn *Conn) ManifestOfDirectory(directory string, chunkSize int64) (_ []byte, err error) {
	if directory == "" || strings.ContainsRune(directory, 0) {
		return nil, misuse("directory %s is not the name of a directory", fault.Quote(directory))
	}
	names, err := filesBelow(directory)
	if err != nil {
		return nil, err
	}
	var sources []snapshot.Source
	defer func() {
		for i := range sources {
			sources[i].Reader.(*lazyBase).close()
		}
	}()
	for _, name := range names {
		f := &lazyBase{of: BaseDirectory(directory), name: name}
		size, err := f.size()
		if err != nil {
			return nil, fmt.Errorf("look at %s: %w", fault.Quote(filepath.Join(directory, name)), fault.Cause(err))
		}
		sources = append(sources, snapshot.Source{Reader: f, File: snapshot.File{Name: name, Size: size}})
	}
	return snapshot.ManifestOf(sources, snapshot.Options{ChunkSize: chunkSize, Interrupted: cn.Interrupted})
}

// filesBelow lists the regular files of a directory that a snapshot can have.
func filesBelow(directory string) (names []string, err error) {
	err = filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("look into directory %s: %w", fault.Quote(directory), fault.Cause(err))
		}
		name, err := filepath.Rel(directory, path)
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name = filepath.ToSlash(name)
		for _, ending := range []string{"-wal", "-journal"} {
			if info, err := entry.Info(); strings.HasSuffix(name, ending) && (err != nil || info.Size() > 0) {
				return misuse("directory %s has the file %s, so that a database there is not all in its file; close what uses it, or run PRAGMA wal_checkpoint(TRUNCATE) on it, first", fault.Quote(directory), fault.Quote(name))
			}
		}
		if snapshot.ValidName(name) {
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

// A lazyBase opens a file when it is read, so that one is open at a time.
type lazyBase struct {
	of   BaseDirectory
	name string
	file snapshot.BaseFile
}

func (l *lazyBase) size() (int64, error) {
	f, err := l.of.OpenBase(l.name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Size(), nil
}

// ReadAt implements io.ReaderAt, for one goroutine that reads from the start to the end.
func (l *lazyBase) ReadAt(p []byte, off int64) (int, error) {
	if l.file == nil {
		var err error
		if l.file, err = l.of.OpenBase(l.name); err != nil {
			return 0, err
		}
	}
	n, err := l.file.ReadAt(p, off)
	if off+int64(n) == l.file.Size() {
		l.close()
	}
	return n, err
}

func (l *lazyBase) close() {
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
}
