package snapshot

import (
	"github.com/vxsnap/vxsnap/internal/pool"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// A gatherer takes the chunks of a snapshot as they come and copies them into
// blocks, because whoever made a row may use its memory again. The pool
// decompresses, hashes and keeps whole blocks meanwhile.
//
//	add --> front is filled --> queue: the pool works --> digests are taken --> idle …
type gatherer struct {
	// keep keeps bytes of a file that follow each other, on a goroutine of the pool.
	keep func(file int, offset int64, data []byte) error
	base bool // what is added is a base's, and no row

	layout  *layout
	pool    *pool.Pool
	decoder *zst.Decoder // nil until a chunk is compressed
	plain   chan []byte  // memory of decompressed blocks, one for each goroutine
	large   []byte       // and of one that is larger, of which there is one at a time
	digests *digests

	front *gathered   // nil, or being filled
	queue []*gathered // what the pool has
	idle  []*gathered
}

// gatherBlocks is how many blocks there are at most.
func gatherBlocks() int { return min(pool.Workers()+6, 12) }

func newGatherer(l *layout, keep func(file int, offset int64, data []byte) error) *gatherer {
	return &gatherer{keep: keep, layout: l, pool: pool.New(), digests: newDigests(l)}
}

// add takes a chunk. Its error may be that of a chunk before it.
func (g *gatherer) add(seq int64, p *place, data []byte) error {
	if int64(len(data)) < p.length {
		g.decompress()
	}
	if g.front != nil && g.front.length+p.length > blockSize {
		g.send()
	}
	if g.front == nil {
		var err error
		if g.front, err = g.unused(); err != nil {
			return err
		}
	}
	b := g.front
	if p.length > blockSize { // not copied, so it has to be done before add returns
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

// decompress prepares for chunks that are compressed.
func (g *gatherer) decompress() {
	if g.decoder != nil {
		return
	}
	g.decoder, g.plain = zst.NewDecoder(), make(chan []byte, pool.Workers())
	for range pool.Workers() {
		g.plain <- nil
	}
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
	if len(g.idle) == 0 && len(g.queue) >= gatherBlocks() { // more where Go has fewer cores than before
		if err := g.takeOldest(); err != nil {
			return nil, err
		}
	}
	if n := len(g.idle); n > 0 {
		b := g.idle[n-1]
		g.idle = g.idle[:n-1]
		return b, nil
	}
	b := &gathered{buf: make([]byte, 0, blockSize)}
	b.Do = func() { b.err = b.work(g) }
	return b, nil
}

// takeOldest waits for the oldest block and takes its digests.
func (g *gatherer) takeOldest() error {
	b := g.queue[0]
	g.queue = g.queue[1:]
	b.Wait()
	for i := range b.digests {
		if g.base {
			g.digests.fold(&b.digests[i])
		} else {
			g.digests.add(b.chunks[i].seq, &b.digests[i])
		}
	}
	b.reset()
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
