package live

import (
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An advice asks the system what it has of a file in its page cache, and tells it what
// it may forget, through a descriptor that SQLite has open. A dup or another open would
// have to be closed, which drops the locks of the process; a mapping is not: SQLite
// itself has such ones. The advice is about pages of the file and leaves the descriptor
// as it is, how much is read ahead for it too. Where something of this does not work,
// nothing is advised: the snapshot is the same.
type advice struct {
	file   fileKey
	before []int // the descriptors of the file before SQLite opened it
	fd     int   // the one in use; -1: no advice
}

// pageBytes is the size of a page of memory.
var pageBytes = int64(os.Getpagesize())

// newAdvice looks at a file that SQLite is about to open.
func newAdvice(file fileKey) *advice {
	a := &advice{file: file, fd: -1}
	a.before = a.descriptors()
	return a
}

// choose takes a descriptor, when SQLite has opened the file. A new one is this
// connection's, and lasts as long; where there is none, SQLite uses one again.
func (a *advice) choose() {
	fds := a.descriptors()
	if len(fds) > 0 {
		a.fd = fds[0]
	}
	for _, fd := range fds {
		if !slices.Contains(a.before, fd) {
			a.fd = fd
		}
	}
}

// descriptors lists those of the process that are of the file.
func (a *advice) descriptors() (fds []int) {
	_ = eachDescriptor(func(fd int, st *unix.Stat_t) {
		if identityOf(st).file == a.file {
			fds = append(fds, fd)
		}
	})
	return fds
}

// open reports whether the descriptor is still one of the file. If it is another
// connection's, that may have closed it.
func (a *advice) open() bool {
	var st unix.Stat_t
	if a.fd >= 0 && (unix.Fstat(a.fd, &st) != nil || identityOf(&st).file != a.file) {
		a.fd = -1
	}
	return a.fd >= 0
}

// cached says which pages of n bytes are in the page cache, in the lowest bit of each
// byte; nil where all of them are or that is not known.
func (a *advice) cached(off, n int64) []byte {
	if !a.open() {
		return nil
	}
	pages := make([]byte, pagesIn(n, pageBytes))
	var count unix.Cachestat_t
	if unix.Cachestat(uint(a.fd), &unix.CachestatRange{Off: uint64(off), Len: uint64(n)}, &count, 0) == nil { // from Linux 6.5 on
		switch count.Cache {
		case uint64(len(pages)):
			return nil
		case 0:
			return pages
		}
	}
	mapped, err := unix.Mmap(a.fd, off, int(n), unix.PROT_NONE, unix.MAP_SHARED)
	if err != nil {
		return nil
	}
	defer func() { _ = unix.Munmap(mapped) }()
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(unsafe.SliceData(mapped))),
		uintptr(n), uintptr(unsafe.Pointer(unsafe.SliceData(pages))))
	if errno != 0 {
		return nil
	}
	return pages
}

// forget lets the system throw out n bytes.
func (a *advice) forget(off, n int64) {
	if a.open() {
		_ = unix.Fadvise(a.fd, off, n, unix.FADV_DONTNEED)
	}
}
