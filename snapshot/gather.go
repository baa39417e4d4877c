package snapshot

import (
	"crypto/sha256"

	"github.com/vxsnap/vxsnap/internal/pool"
)

// A gatherer takes the chunks of a snapshot as they come and copies them into
// blocks, because whoever made a row may use its memory again. The pool hashes and
// keeps whole blocks meanwhile.
//
//	add --> front is filled --> queue: the pool works --> digests are taken --> idle …
type gatherer struct {
	// keep keeps bytes of a file that follow each other, on a goroutine of the pool.
	keep func(file int, offset int64, data []byte) error

	pool    *pool.Pool
	digests *digests

	front *gathered   // nil, or being filled
	queue []*gathered // what the pool has
	idle  []*gathered
}

// A gathered block has chunks in the order in which they came.
type gathered struct {
	pool.Job
	buf     []byte
	chunks  []gatheredChunk
	digests []Checksum
	err     error
}

type gatheredChunk struct {
	seq         int64
	file        int
	offset      int64
	start, stop int // in buf
}

// gatherBlocks is how many blocks there are at most.
func gatherBlocks() int { return min(pool.Workers()+6, 12) }

func newGatherer(l *layout, keep func(file int, offset int64, data []byte) error) *gatherer {
	return &gatherer{keep: keep, pool: pool.New(), digests: newDigests(l)}
}

// add takes a chunk. Its error may be that of a chunk before it.
func (g *gatherer) add(seq int64, p *place, data []byte) error {
	if g.front != nil && len(g.front.buf)+len(data) > blockSize {
		g.send()
	}
	if g.front == nil {
		var err error
		if g.front, err = g.unused(); err != nil {
			return err
		}
	}
	b := g.front
	if len(data) > blockSize { // not copied, so it has to be done before add returns
		own := b.buf
		b.take(seq, p, data, 0)
		b.buf = data
		g.send()
		b.Done() // also where a block before it has an error
		err := g.wait()
		b.buf = own
		return err
	}
	start := len(b.buf)
	b.buf = append(b.buf, data...)
	b.take(seq, p, data, start)
	return nil
}

func (b *gathered) take(seq int64, p *place, data []byte, start int) {
	b.chunks = append(b.chunks, gatheredChunk{seq, p.file, p.offset, start, start + len(data)})
}

// send gives the front to the pool.
func (g *gatherer) send() {
	if b := g.front; b != nil {
		g.front = nil
		g.queue = append(g.queue, b)
		g.pool.Start(&b.Job)
	}
}

// unused gives an empty block: the oldest of the queue where there are enough.
func (g *gatherer) unused() (*gathered, error) {
	if len(g.idle) == 0 && len(g.queue) == gatherBlocks() {
		if err := g.takeOldest(); err != nil {
			return nil, err
		}
	}
	if n := len(g.idle); n > 0 {
		b := g.idle[n-1]
		g.idle = g.idle[:n-1]
		return b, nil
	}
	b := new(gathered)
	b.Do = func() { b.err = b.work(g.keep) }
	return b, nil
}

// takeOldest waits for the oldest block and takes its digests.
func (g *gatherer) takeOldest() error {
	b := g.queue[0]
	g.queue = g.queue[1:]
	b.Wait()
	for i := range b.chunks {
		g.digests.add(b.chunks[i].seq, &b.digests[i])
	}
	b.buf, b.chunks, b.digests = b.buf[:0], b.chunks[:0], b.digests[:0]
	g.idle = append(g.idle, b)
	return b.err
}

// wait returns when everything that was added is hashed and kept.
func (g *gatherer) wait() (err error) {
	g.send()
	for err == nil && len(g.queue) > 0 {
		err = g.takeOldest()
	}
	return err
}

// close ends the pool.
func (g *gatherer) close() { g.pool.Close() }

// work hashes the chunks and keeps each run of those that follow each other.
func (b *gathered) work(keep func(file int, offset int64, data []byte) error) error {
	for i := range b.chunks {
		b.digests = append(b.digests, sha256.Sum256(b.buf[b.chunks[i].start:b.chunks[i].stop]))
	}
	for i := 0; i < len(b.chunks); {
		first := &b.chunks[i]
		stop := first.stop
		for i++; i < len(b.chunks) && b.chunks[i].file == first.file && b.chunks[i].offset == first.offset+int64(stop-first.start); i++ {
			stop = b.chunks[i].stop
		}
		if err := keep(first.file, first.offset, b.buf[first.start:stop]); err != nil {
			return err
		}
	}
	return nil
}
