package live

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A Saved is a saved file whose rows are read. It is for one goroutine.
type Saved struct {
	*snapshot.SavedReader
	close func()
}

// OpenSaved opens a saved file, or the reading end of a pipe or a socket, by its path. No
// lock is lost, whatever the file is and whoever has it open. While it is read, and while a
// pipe is waited for, SQLite is asked whether to go on. Close must be called.
func (cn *Conn) OpenSaved(path string) (*Saved, error) {
	if path == "" || strings.ContainsRune(path, 0) {
		return nil, misuse("path %s is not the name of a file; give that of a saved snapshot", fault.Quote(path))
	}
	var r io.Reader
	var end func()
	switch fd, err := openPipe(path); {
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", fault.Quote(path), fault.Cause(err))
	case fd >= 0:
		r, end = &pipe{fd, cn.Interrupted}, func() { _ = unix.Close(fd) }
	default:
		f, err := openApart(path)
		if errors.Is(err, errOpenHere) {
			return nil, misuse("path %s is open in this process already, as a database perhaps, whose locks it would lose; close it there, or read a copy", fault.Quote(path))
		}
		if kind := notRegular(0); errors.As(err, &kind) {
			return nil, misuse("path %s is %v; give that of a saved snapshot, or of a pipe", fault.Quote(path), kind)
		}
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", fault.Quote(path), fault.Cause(err))
		}
		r, end = io.NewSectionReader(f, 0, math.MaxInt64), f.Close
	}
	return &Saved{snapshot.NewSavedReader(r, path, cn.Interrupted, newBlock), end}, nil
}

// Close closes the file. It may be called twice.
func (s *Saved) Close() {
	s.SavedReader.Close()
	if s.close != nil {
		s.close()
		s.close = nil
	}
}
