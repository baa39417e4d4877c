package live

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// openPipe opens the reading end of a pipe, and gives -1 if that is not what path leads to.
// Nothing waits for a writer here. A descriptor of this process, such as /dev/stdin, is
// duplicated: it may be a socket, or belong to somebody else, so that it cannot be opened.
func openPipe(path string) (int, error) {
	var st unix.Stat_t
	if n, ok := descriptorOf(path); ok && unix.Fstat(n, &st) == nil && isStream(&st) {
		return unix.FcntlInt(uintptr(n), unix.F_DUPFD_CLOEXEC, 0)
	}
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFIFO {
		return -1, err
	}
	return unix.Open("/proc/thread-self/fd/"+strconv.Itoa(fd), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
}

// descriptorOf is the descriptor that a path of this process names.
func descriptorOf(path string) (int, bool) {
	if path == "/dev/stdin" {
		return 0, true
	}
	for _, folder := range []string{"/dev/fd/", "/proc/self/fd/"} {
		if text, ok := strings.CutPrefix(path, folder); ok {
			n, err := strconv.Atoi(text)
			return n, err == nil && n >= 0
		}
	}
	return -1, false
}

func isStream(st *unix.Stat_t) bool {
	kind := st.Mode & unix.S_IFMT
	return kind == unix.S_IFIFO || kind == unix.S_IFSOCK
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
