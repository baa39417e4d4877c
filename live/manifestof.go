package live

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// ManifestOfDirectory is the manifest of a directory's files as they are: of those whose
// names a snapshot can have. A database that is in use, so that not all of it is in its
// file, is an error.
func (cn *Conn) ManifestOfDirectory(directory string, chunkSize int64) (_ []byte, err error) {
	base, err := NewBaseDirectory(directory)
	if err != nil {
		return nil, err
	}
	names, err := filesBelow(string(base), cn.Interrupted)
	if err != nil {
		return nil, err
	}
	var sources []snapshot.Source
	size := int64(0) // of the digests
	defer func() {
		for i := range sources {
			sources[i].Reader.(*lazyBase).close()
		}
	}()
	for _, name := range names {
		f := &lazyBase{of: base, name: name}
		n, err := f.size()
		if err != nil {
			return nil, fmt.Errorf("look at %s: %w", fault.Quote(filepath.Join(directory, name)), fault.Cause(err))
		}
		if size += n / chunkSize * 32; size > cn.MaxLength() {
			return nil, misuse("the manifest of directory %s has more than the %d bytes of this connection's SQLITE_LIMIT_LENGTH; use a larger chunk_size than %d", fault.Quote(directory), cn.MaxLength(), chunkSize)
		}
		sources = append(sources, snapshot.Source{Reader: f, File: snapshot.File{Name: name, Size: n}})
	}
	return snapshot.ManifestOf(sources, snapshot.Options{ChunkSize: chunkSize, Interrupted: cn.Interrupted})
}

// filesBelow lists the files of a directory that a snapshot can have: those whose names
// are allowed, and that are regular, or a symbolic link to one.
func filesBelow(directory string, interrupted func() error) (names []string, err error) {
	err = filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = interrupted()
		}
		if err != nil {
			return fmt.Errorf("look into directory %s: %w", fault.Quote(directory), fault.Cause(err))
		}
		if path == directory {
			return nil
		}
		name := filepath.ToSlash(strings.TrimPrefix(path[len(directory):], string(filepath.Separator)))
		switch {
		case !snapshot.ValidName(name) && entry.IsDir():
			return fs.SkipDir
		case !snapshot.ValidName(name) || !isRegular(path, entry):
			return nil
		case len(names) == snapshot.MaxFiles:
			return misuse("directory %s has more than %d files, which no snapshot has; name the one that was restored", fault.Quote(directory), snapshot.MaxFiles)
		}
		names = append(names, name)
		return checkWhole(directory, name)
	})
	return names, err
}

func isRegular(path string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.Type().IsRegular()
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// checkWhole returns an error if a file is a database that is not all in its file.
func checkWhole(directory, name string) error {
	for _, beside := range [...]struct{ ending, advice string }{
		{"-wal", "close what uses it, or run PRAGMA wal_checkpoint(TRUNCATE) on it, first"},
		{"-journal", "let the transaction end; where the process was killed, read the database once with SQLite, which rolls it back"},
	} {
		ending := beside.ending
		used, err := journalInUse(BaseDirectory(directory), name+ending)
		if err != nil {
			return fmt.Errorf("look at %s: %w", fault.Quote(filepath.Join(directory, name+ending)), fault.Cause(err))
		}
		if used {
			return misuse("directory %s has the file %s, so that the database beside it is not all in its file; %s", fault.Quote(directory), fault.Quote(name+ending), beside.advice)
		}
	}
	return nil
}

// journalInUse reports whether a WAL or a journal is in use: with PRAGMA journal_mode =
// PERSIST one that is not stays, and begins with zeros
// (https://www.sqlite.org/lockingv3.html, section 4.2).
func journalInUse(directory BaseDirectory, name string) (bool, error) {
	f, err := directory.OpenBase(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	var first [8]byte
	n, err := f.ReadAt(first[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return slices.Max(append(first[:n], 0)) > 0, nil
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
