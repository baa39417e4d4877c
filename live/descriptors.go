package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A path in a schema is a stranger's word: it may lead to a database that SQLite
// has open in this process, whichever connection opened it. Closing any
// descriptor of that file drops every POSIX lock of the process on it
// (https://www.sqlite.org/howtocorrupt.html, section 2.2), and a commit that was
// acknowledged can then be overwritten. So a file is first opened with O_PATH,
// whose closing drops no lock, and is read only if nobody else here has it open.

// own are the descriptors with which vxsnap itself reads such files.
var own = struct {
	sync.Mutex
	fds  map[int]bool
	kept []*os.File // to be closed when nobody else has the file open
}{fds: make(map[int]bool)}

// openAlone opens a regular file for reading that this process has not open
// otherwise. SQLite opens a database for reading and writing; who has the file
// open in one way only is vectorlite perhaps, and soon done.
func openAlone(path string) (f *os.File, err error) {
	err = whileAlone(path, func(fd int) error {
		beforeStep("reopen")
		if f, err = os.OpenFile("/proc/thread-self/fd/"+strconv.Itoa(fd), os.O_RDONLY|unix.O_NONBLOCK, 0); err == nil {
			own.fds[int(f.Fd())] = true
		}
		return err
	})
	return f, err
}

// whileAlone calls do for a regular file that nobody else in this process has open, with
// a descriptor of O_PATH. It waits a little for who has it open in one way only.
func whileAlone(path string, do func(fd int) error) (err error) {
	for range 100 {
		if err = tryAlone(path, do); !errors.Is(err, errOpenForNow) {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return err
}

func tryAlone(path string, do func(fd int) error) error {
	own.Lock()
	defer own.Unlock()
	closeKept()
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer func() { _ = unix.Close(fd) }()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return notRegular(st.Mode)
	}
	if err := openElsewhere(&st, fd); err != nil {
		return err
	}
	return do(fd)
}

// createAlone makes a file, which only its owner can use and which must not
// exist, for reading and writing.
func createAlone(path string) (*os.File, error) {
	own.Lock()
	defer own.Unlock()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	own.fds[int(f.Fd())] = true
	return f, nil
}

// closeAlone closes what openAlone or createAlone opened. Where somebody has opened the same
// file since, through SQLite perhaps, the descriptor stays until nobody has.
func closeAlone(f *os.File) {
	own.Lock()
	defer own.Unlock()
	own.kept = append(own.kept, f)
	closeKept()
}

// closeKept closes what nobody else has open now.
func closeKept() {
	own.kept = slices.DeleteFunc(own.kept, func(f *os.File) bool {
		fd := int(f.Fd())
		var st unix.Stat_t
		if unix.Fstat(fd, &st) != nil || openElsewhere(&st, fd) != nil {
			return false
		}
		delete(own.fds, fd)
		f.Close()
		return true
	})
}

// errOpenHere says that the process has a file open, and errOpenForNow that it
// reads or writes it, but not both.
var (
	errOpenHere   = errors.New("it is open in this process already")
	errOpenForNow = fmt.Errorf("%w, for now", errOpenHere)
)

// openElsewhere returns an error if the process has a file open with a descriptor
// that is neither but nor one of vxsnap's.
func openElsewhere(st *unix.Stat_t, but int) (open error) {
	err := eachDescriptor(func(fd int, other *unix.Stat_t) {
		if fd == but || own.fds[fd] || other.Dev != st.Dev || other.Ino != st.Ino || open != nil && !errors.Is(open, errOpenForNow) {
			return
		}
		open = errOpenForNow
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err != nil || flags&unix.O_ACCMODE == unix.O_RDWR {
			open = errOpenHere
		}
	})
	if err != nil {
		return err
	}
	return open
}

// eachDescriptor calls do for every descriptor of the process.
func eachDescriptor(do func(fd int, st *unix.Stat_t)) error {
	names, err := readNames("/proc/thread-self/fd") // the first thread of the process may have ended
	if err != nil {
		const why = "cannot tell which files this process has open, and so open no file that a schema names"
		if errors.Is(err, fs.ErrNotExist) { // not wrapped: it is no index file that is missing
			return errors.New(why + ": there is no /proc; mount it")
		}
		return fmt.Errorf(why+": %w", fault.Cause(err))
	}
	for _, name := range names {
		fd, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		var st unix.Stat_t
		if unix.Fstat(fd, &st) == nil { // closed meanwhile
			do(fd, &st)
		}
	}
	return nil
}

func readNames(directory string) ([]string, error) {
	d, err := os.Open(directory)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}

// notRegular is the error of a file of another type.
type notRegular uint32

func (mode notRegular) Error() string {
	kind := "device"
	switch mode & unix.S_IFMT {
	case unix.S_IFDIR:
		kind = "directory"
	case unix.S_IFIFO:
		kind = "FIFO"
	case unix.S_IFSOCK:
		kind = "socket"
	}
	return "not a regular file but a " + kind
}
