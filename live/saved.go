package live

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
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

// OpenSaved opens a saved file, or the reading end of a pipe, by its path. A file that
// this process has open otherwise is refused: to close it would drop SQLite's locks if
// it is a database. While it is read, and while a pipe is waited for, SQLite is asked whether
// to go on. Close must be called.
func (cn *Conn) OpenSaved(path string) (*Saved, error) {
	if path == "" || strings.ContainsRune(path, 0) {
		return nil, misuse("path %s is not the name of a file; give that of a saved snapshot", fault.Quote(path))
	}
	var r io.Reader
	var end func()
	switch f, err := openPipe(path); {
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", fault.Quote(path), fault.Cause(err))
	case f >= 0:
		r, end = &pipe{f, cn.Interrupted}, func() { _ = unix.Close(f) }
	default:
		f, err := openAlone(path)
		if errors.Is(err, errOpenHere) {
			return nil, misuse("path %s is open in this process already, as a database perhaps, whose locks it would lose; close it there, or read a copy", fault.Quote(path))
		}
		if kind := notRegular(0); errors.As(err, &kind) {
			return nil, misuse("path %s is %v; give that of a saved snapshot, or of a pipe", fault.Quote(path), kind)
		}
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", fault.Quote(path), fault.Cause(err))
		}
		r, end = f, func() { closeAlone(f) }
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

// openPipe opens the reading end of a pipe, and gives -1 if that is not what path leads
// to. Nothing waits for a writer here.
func openPipe(path string) (int, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer func() { _ = unix.Close(fd) }()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFIFO {
		return -1, err
	}
	return unix.Open("/proc/thread-self/fd/"+strconv.Itoa(fd), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
}

// A pipe is read on the calling thread, which asks now and then whether to go on.
type pipe struct {
	fd          int
	interrupted func() error
}

// pipeWait is how long a read of a pipe waits before it asks, in milliseconds.
const pipeWait = 20

// Read implements io.Reader. It waits for bytes, and for a first writer.
func (p *pipe) Read(b []byte) (int, error) {
	for {
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, pipeWait)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return 0, err
		}
		if ready <= 0 { // to read would be the end where there was no writer yet
			if err := p.interrupted(); err != nil {
				return 0, err
			}
			continue
		}
		switch n, err := unix.Read(p.fd, b); {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}
