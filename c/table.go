package c

// #include <stdlib.h>
// #include "vxsnap.h"
import "C"

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrNotRegular says that a path leads to something else than a regular file.
var ErrNotRegular = errors.New("not a regular file")

// table is where the Apart files are open: its thread lasts as long as one is.
var table struct {
	sync.Mutex
	p     *C.vx_table
	files int
}

// An Apart is a regular file that is open for reading in a descriptor table that is not
// the process's: to close it drops no POSIX lock, whoever has the file open. Each call
// hands over to another thread and waits for it. It may be used by several goroutines;
// Close must be called, when nobody uses it any more, and may be called twice.
type Apart struct {
	path   string
	fd     C.int
	closed atomic.Bool
}

// OpenApart opens a file. An error wraps ErrNotRegular, or is an *os.PathError. One that
// wraps errors.ErrUnsupported says that this system has no such tables.
func OpenApart(path string) (*Apart, error) {
	table.Lock()
	defer table.Unlock()
	if table.p == nil {
		var code C.int
		if table.p = C.vx_table_new(&code); table.p == nil {
			return nil, errors.Join(errors.ErrUnsupported, unix.Errno(code))
		}
	}
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	fd := C.vx_table_open(table.p, name)
	if fd >= 0 {
		table.files++
		return &Apart{path: path, fd: C.int(fd)}, nil
	}
	endTable()
	if fd == -C.VX_NOT_REGULAR {
		return nil, ErrNotRegular
	}
	return nil, &os.PathError{Op: "open", Path: path, Err: unix.Errno(-fd)}
}

// endTable ends the thread when nothing is open.
func endTable() {
	if table.files == 0 {
		C.vx_table_free(table.p)
		table.p = nil
	}
}

// OpenedApart counts the files that are open.
func OpenedApart() int {
	table.Lock()
	defer table.Unlock()
	return table.files
}

// Stat describes the file.
func (f *Apart) Stat() (st unix.Stat_t, err error) {
	if f.closed.Load() {
		return st, os.ErrClosed
	}
	if result := C.vx_table_stat(table.p, f.fd, unsafe.Pointer(&st)); result < 0 {
		err = &os.PathError{Op: "stat", Path: f.path, Err: unix.Errno(-result)}
	}
	return st, err
}

// ReadAt implements io.ReaderAt.
func (f *Apart) ReadAt(p []byte, off int64) (n int, err error) {
	if f.closed.Load() {
		return 0, os.ErrClosed
	}
	for n < len(p) {
		rest := p[n:]
		result := C.vx_table_read(table.p, f.fd, unsafe.Pointer(&rest[0]), C.sqlite3_uint64(len(rest)), C.sqlite3_int64(off+int64(n)))
		switch {
		case result == 0:
			return n, io.EOF
		case result > 0:
			n += int(result)
		case unix.Errno(-result) != unix.EINTR:
			return n, &os.PathError{Op: "read", Path: f.path, Err: unix.Errno(-result)}
		}
	}
	return n, nil
}

// CopyTo lets the system copy at most n bytes to the same place of another file, which is
// open for writing, or share them, and gives how many it copied.
func (f *Apart) CopyTo(to *os.File, off, n int64) (int64, error) {
	if f.closed.Load() {
		return 0, os.ErrClosed
	}
	runtime.LockOSThread() // whose descriptors the name is among
	defer runtime.UnlockOSThread()
	name := C.CString(fmt.Sprintf("/proc/self/task/%d/fd/%d", unix.Gettid(), to.Fd()))
	defer C.free(unsafe.Pointer(name))
	for {
		result := C.vx_table_copy(table.p, f.fd, name, C.sqlite3_uint64(n), C.sqlite3_int64(off))
		runtime.KeepAlive(to)
		switch {
		case result >= 0:
			return int64(result), nil
		case unix.Errno(-result) != unix.EINTR:
			return 0, &os.PathError{Op: "copy", Path: f.path, Err: unix.Errno(-result)}
		}
	}
}

// Close closes the file.
func (f *Apart) Close() {
	if f.closed.Swap(true) {
		return
	}
	table.Lock()
	defer table.Unlock()
	C.vx_table_close(table.p, f.fd)
	table.files--
	endTable()
}
