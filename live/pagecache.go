package live

import (
	"io"

	"golang.org/x/sys/unix"
)

// To read a large database once would put it in the system's page cache, in place of
// what the host works with. So what was not there before is thrown out again, page by
// page, and what was there stays: a snapshot of a cold database leaves it cold, and one
// of a hot database hot. advice.go is how the system is asked and told.

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
	advice *advice

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
	return &pageCache{size: st.Size, advice: newAdvice(identityOf(&st).file)}
}

// over makes p read r, when SQLite has opened the file.
func (p *pageCache) over(r io.ReaderAt) io.ReaderAt {
	if p == nil {
		return r
	}
	if p.r == nil {
		p.r = r
		p.advice.choose()
	}
	return p
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
	if len(p.asked) > 0 && p.asked[0].number == number || p.advice.fd < 0 {
		return
	}
	if len(p.asked) > 1 && p.asked[1].number == number {
		p.throwOut(p.asked[0])
		p.asked = p.asked[1:]
	} else {
		p.leave()
	}
	for next := number + int64(len(p.asked)); next <= number+lookAhead && next*segmentSize < p.size; next++ {
		off := next * segmentSize
		p.asked = append(p.asked, segment{next, p.advice.cached(off, min(segmentSize, p.size-off))})
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

// throwOut lets the system forget the pages of a segment that it did not have.
func (p *pageCache) throwOut(s segment) {
	for i := 0; i < len(s.cached); {
		first := i
		for i < len(s.cached) && s.cached[i]&1 == 0 {
			i++
		}
		if i > first {
			p.advice.forget(s.number*segmentSize+int64(first)*pageBytes, int64(i-first)*pageBytes)
		}
		i++
	}
}
