package snapshot

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// mostOpen is how many files of a restore are open at once: a snapshot may have
// MaxFiles, a process 256 descriptors.
const mostOpen = 16

// A fileSet is the files that a restore writes, of which the last used are open.
// The goroutines of a pool use it; create and close are for one goroutine.
type fileSet struct {
	fs    FS
	paths []string

	mu   sync.Mutex
	open []*openFile // in the order of their opening
}

type openFile struct {
	FSFile
	number int // of the path
	users  int
}

// create makes the next file.
func (s *fileSet) create(path string) error {
	s.paths = append(s.paths, path)
	f, err := s.fs.Create(path)
	if err != nil {
		return fmt.Errorf("create %s: %w", filepath.Base(path), fault.Cause(err))
	}
	return s.keep(&openFile{FSFile: f, number: len(s.paths) - 1})
}

// use calls do with a file, which stays open meanwhile.
func (s *fileSet) use(number int, do func(FSFile) error) error {
	f, err := s.take(number)
	if err != nil {
		return err
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		f.users--
	}()
	return do(f)
}

// take opens a file, unless it is open.
func (s *fileSet) take(number int) (*openFile, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.open {
		if f.number == number {
			f.users++
			return f, nil
		}
	}
	f, err := s.fs.Open(s.paths[number])
	if err != nil {
		return nil, fmt.Errorf("open %s again: %w", filepath.Base(s.paths[number]), fault.Cause(err))
	}
	opened := &openFile{f, number, 1}
	return opened, s.keep(opened)
}

// keep adds an open file, and closes the one that was opened first of those that
// nobody uses.
func (s *fileSet) keep(f *openFile) error {
	s.open = append(s.open, f)
	if len(s.open) <= mostOpen {
		return nil
	}
	i := slices.IndexFunc(s.open, func(f *openFile) bool { return f.users == 0 })
	if i < 0 || s.open[i] == f {
		return nil
	}
	first := s.open[i]
	s.open = slices.Delete(s.open, i, i+1)
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

func (f storedFile) ReadAt(p []byte, off int64) (n int, err error) {
	err = f.set.use(f.number, func(open FSFile) (err error) {
		n, err = open.ReadAt(p, off)
		return err
	})
	return n, err
}
