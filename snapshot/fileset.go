package snapshot

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// mostOpen is how many files of a restore are open at once: a snapshot may have
// MaxFiles, a process 256 descriptors.
const mostOpen = 16

// A fileSet is the files that a restore writes, of which the last used are open.
// It is for one goroutine.
type fileSet struct {
	fs    FS
	paths []string
	open  []openFile // in the order of their opening
}

type openFile struct {
	number int // of the path
	FSFile
}

// create makes the next file.
func (s *fileSet) create(path string) error {
	s.paths = append(s.paths, path)
	f, err := s.fs.Create(path)
	if err != nil {
		return fmt.Errorf("create %s: %w", filepath.Base(path), fault.Cause(err))
	}
	return s.keep(openFile{len(s.paths) - 1, f})
}

// get opens a file, unless it is open.
func (s *fileSet) get(number int) (FSFile, error) {
	for i := range s.open {
		if s.open[i].number == number {
			return s.open[i], nil
		}
	}
	f, err := s.fs.Open(s.paths[number])
	if err != nil {
		return nil, fmt.Errorf("open %s again: %w", filepath.Base(s.paths[number]), fault.Cause(err))
	}
	return f, s.keep(openFile{number, f})
}

// keep adds an open file, and closes the one that was opened first.
func (s *fileSet) keep(f openFile) error {
	s.open = append(s.open, f)
	if len(s.open) <= mostOpen {
		return nil
	}
	first := s.open[0]
	s.open = append(s.open[:0], s.open[1:]...)
	if err := first.Close(); err != nil {
		return fmt.Errorf("close %s: %w", filepath.Base(s.paths[first.number]), fault.Cause(err))
	}
	return nil
}

// close closes what is open. It may be called twice.
func (s *fileSet) close() (err error) {
	for _, f := range s.open {
		err = errors.Join(err, f.Close())
	}
	s.open = nil
	return err
}

// A storedFile reads a file of a set.
type storedFile struct {
	set    *fileSet
	number int
}

func (f storedFile) ReadAt(p []byte, off int64) (int, error) {
	open, err := f.set.get(f.number)
	if err != nil {
		return 0, err
	}
	return open.ReadAt(p, off)
}
