package live

import (
	"io"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// To read a large database once would put it in the system's page cache, in place of
// what the host works with. So what was not there before is thrown out again, page by
// page, and what was there stays: a snapshot of a cold database leaves it cold, and one
// of a hot database hot.
//
// The system is asked and advised through a descriptor that SQLite has open. A dup or
// another open would have to be closed, which drops the locks of the process; a mapping
// is not: SQLite itself has such ones. The advice is about pages of the file and leaves the
// descriptor as it is, how much is read ahead for it too. Where something of this does
// not work, nothing is advised: the snapshot is the same.

const (
	// smallest is the size from which on a database is worth the advice.
	smallest = 64 << 20

	// segment is how many bytes are asked for, and thrown out, at once.
	segmentSize = 8 << 20

	// lookAhead is how far before its reading a segment is asked for: further than the
	// system reads ahead, which is up to twice what the device is set to.
	lookAhead = 4
)

// A pageCache reads a database file. It is for one goroutine at a time.
type pageCache struct {
	r      io.ReaderAt
	size   int64
	file   fileKey
	before []int // the descriptors of the file before SQLite opened it
	fd     int   // the one in use; -1: no advice

	asked []segment // the one that is read now, and those behind it
}

// A segment is what the page cache had of a part of the file.
type segment struct {
	number int64
	cached []byte // for each page, its lowest bit
}

// newPageCache looks at a file that SQLite is about to open. It is nil for a small one.
func newPageCache(path string) *pageCache {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil || st.Size < smallest {
		return nil
	}
	p := &pageCache{file: identityOf(&st).file, size: st.Size, fd: -1}
	p.before = p.descriptors()
	return p
}

// over makes p read r, when SQLite has opened the file. A new descriptor is this
// connection's, and lasts as long; where there is none, SQLite uses one again.
func (p *pageCache) over(r io.ReaderAt) io.ReaderAt {
	if p == nil {
		return r
	}
	if p.r != nil {
		return p
	}
	p.r = r
	fds := p.descriptors()
	if len(fds) > 0 {
		p.fd = fds[0]
	}
	for _, fd := range fds {
		if !slices.Contains(p.before, fd) {
			p.fd = fd
		}
	}
	return p
}

// descriptors lists those of the process that are of the file.
func (p *pageCache) descriptors() (fds []int) {
	_ = eachDescriptor(func(fd int, st *unix.Stat_t) {
		if identityOf(st).file == p.file {
			fds = append(fds, fd)
		}
	})
	return fds
}

// ReadAt implements io.ReaderAt.
func (p *pageCache) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) && err == nil {
		at := off + int64(n)
		p.enter(at / segmentSize)
		part := b[n:min(int64(len(b)), int64(n)+segmentSize-at%segmentSize)]
		var m int
		m, err = p.r.ReadAt(part, at)
		n += m
	}
	return n, err
}

// enter throws out what was read before a segment, and asks for those behind it.
func (p *pageCache) enter(number int64) {
	if len(p.asked) > 0 && p.asked[0].number == number || p.fd < 0 {
		return
	}
	if len(p.asked) > 1 && p.asked[1].number == number {
		p.throwOut(p.asked[0])
		p.asked = p.asked[1:]
	} else {
		p.leave()
	}
	for next := number + int64(len(p.asked)); next <= number+lookAhead && next*segmentSize < p.size; next++ {
		p.asked = append(p.asked, segment{next, p.ask(next)})
	}
}

// leave throws out everything that was read, and read ahead.
func (p *pageCache) leave() {
	if p == nil {
		return
	}
	for _, s := range p.asked {
		p.throwOut(s)
	}
	p.asked = nil
}

// ask says which pages of a segment are in the page cache, nil where all of them are or
// that is not known.
func (p *pageCache) ask(number int64) []byte {
	if !p.open() {
		return nil
	}
	part := unix.CachestatRange{Off: uint64(number * segmentSize), Len: uint64(min(segmentSize, p.size-number*segmentSize))}
	cached := make([]byte, pagesIn(int64(part.Len), pageBytes))
	var count unix.Cachestat_t
	if unix.Cachestat(uint(p.fd), &part, &count, 0) == nil { // from Linux 6.5 on
		switch count.Cache {
		case uint64(len(cached)):
			return nil
		case 0:
			return cached
		}
	}
	mapped, err := unix.Mmap(p.fd, int64(part.Off), int(part.Len), unix.PROT_NONE, unix.MAP_SHARED)
	if err != nil {
		return nil
	}
	defer func() { _ = unix.Munmap(mapped) }()
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(unsafe.SliceData(mapped))),
		uintptr(part.Len), uintptr(unsafe.Pointer(unsafe.SliceData(cached))))
	if errno != 0 {
		return nil
	}
	return cached
}

// throwOut lets the system forget the pages that it did not have.
func (p *pageCache) throwOut(s segment) {
	for i := 0; i < len(s.cached); {
		first := i
		for i < len(s.cached) && s.cached[i]&1 == 0 {
			i++
		}
		if i > first && p.open() {
			_ = unix.Fadvise(p.fd, s.number*segmentSize+int64(first)*pageBytes, int64(i-first)*pageBytes, unix.FADV_DONTNEED)
		}
		i++
	}
}

// open reports whether the descriptor is still one of the file. If it is another
// connection's, that may have closed it.
func (p *pageCache) open() bool {
	var st unix.Stat_t
	if p.fd >= 0 && (unix.Fstat(p.fd, &st) != nil || identityOf(&st).file != p.file) {
		p.fd = -1
	}
	return p.fd >= 0
}

// pageBytes is the size of a page of memory.
var pageBytes = int64(os.Getpagesize())
