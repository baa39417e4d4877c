package snapshot

import (
	"crypto/sha256"

	"github.com/vxsnap/vxsnap/internal/pool"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// A window is the blocks of a stream: the one whose chunks are handed out, and
// those that were read ahead of it and that the pool hashes meanwhile. It is
// bounded, so that a slow reader holds nothing but that.
//
//	read --> queue --> front: chunks are handed out --> digests are folded --> read …
type window struct {
	layout  *layout
	sources []Source
	opt     *Options
	pool    *pool.Pool   // nil until there is something to hash
	encoder *zst.Encoder // nil: nothing is compressed

	front *block
	queue []*block
	idle  []*block // to be used again
	size  int64    // of a block, in bytes
	limit int      // of blocks

	file   int // of the block that is read next
	offset int64
	err    error // of the last read
}

// A block is some chunks of one file that follow each other.
type block struct {
	Block
	pool.Job
	file        int
	start, stop int64 // offsets in the file
	digests     []Checksum
	same        []bool // of an increment: the chunks that its base has
	packing            // what it is compressed to
}

// Of the window, in bytes; it has two blocks at least.
const windowSize = 12 << 20

func newWindow(l *layout, sources []Source, opt *Options) *window {
	size, most := int64(0), int64(blockSize)
	if opt.Compress == CompressBlocks {
		most = zst.FrameSize
	}
	for i := range l.files {
		size = max(size, l.files[i].Size)
	}
	size = max(1, min(size, l.chunkSize*max(1, most/l.chunkSize)))
	limit := max(2, min(pool.Workers()+8, windowSize/int(size)))
	w := &window{layout: l, sources: sources, opt: opt, size: size, limit: limit}
	if opt.Compress != CompressNothing {
		w.encoder = zst.NewEncoder(opt.Compress == CompressBlocks) // chunks have digests
	}
	return w
}

// advance makes the next block the front, and gives the one that was: its
// digests are known. It is nil at first.
func (w *window) advance() (*block, error) {
	old := w.front
	if old != nil {
		old.Wait()
		w.front = nil
		defer func() { w.idle = append(w.idle, old) }() // SQLite lets go of its last chunk when it takes the next
	}
	for w.err == nil && len(w.queue) < w.limit-1 && w.file < len(w.layout.files) {
		if err := w.opt.Interrupted(); err != nil {
			return nil, err // at once: what was read ahead is of no use
		}
		w.err = w.readNext()
	}
	if len(w.queue) == 0 {
		return old, w.err
	}
	w.front, w.queue = w.queue[0], w.queue[1:]
	return old, nil
}

// readNext reads the next block and lets the pool hash it.
func (w *window) readNext() error {
	b, err := w.unused()
	defer func() {
		if b != nil { // it was not read, perhaps because a Reader panics
			w.idle = append(w.idle, b)
		}
	}()
	if err != nil {
		return err
	}
	size := w.layout.files[w.file].Size
	b.file, b.start, b.stop = w.file, w.offset, min(w.offset+w.size, size)
	if err := w.sources[b.file].read(b.Bytes()[:b.stop-b.start], b.start); err != nil {
		return err
	}
	if w.pool == nil {
		w.pool = pool.New()
	}
	w.pool.Start(&b.Job)
	w.queue = append(w.queue, b)
	if w.offset = b.stop; w.offset == size {
		w.file, w.offset = w.file+1, 0
	}
	b = nil
	return nil
}

// unused gives a block that nobody reads, an old one or a new one. It has what memory
// there is also where that is an error.
func (w *window) unused() (b *block, err error) {
	if n := len(w.idle); n > 0 {
		b, w.idle = w.idle[0], w.idle[1:]
	} else {
		b = new(block)
		b.Do = func() { b.work(w) }
	}
	if b.Block, err = w.unshared(b.Block, w.size); err == nil && w.opt.Compress == CompressChunks {
		b.room, err = w.unshared(b.room, roomFor(w.size))
	}
	return b, err
}

// unshared gives memory that may be written to: b, if there is one and nobody reads it.
func (w *window) unshared(b Block, size int64) (Block, error) {
	if b != nil {
		if !b.Shared() {
			return b, nil
		}
		b.Release()
	}
	if b = w.opt.NewBlock(int(size)); b == nil {
		return nil, ErrNoMemory
	}
	return b, nil
}

// work is what the pool does with a block.
func (b *block) work(w *window) {
	b.hash(w.layout.chunkSize)
	if base := w.opt.Base; base != nil {
		b.find(base, w.layout.files[b.file].Name, w.layout.chunkSize)
	}
	switch bytes := b.Bytes()[:b.stop-b.start]; w.opt.Compress {
	case CompressChunks:
		b.packChunks(bytes, w.layout.chunkSize, w.encoder, b.same)
	case CompressBlocks:
		b.frame = w.encoder.Append(b.frame[:0], bytes)
	}
}

// hash makes the digests of the block's chunks: of an empty file, that of no bytes.
func (b *block) hash(chunkSize int64) {
	bytes := b.Bytes()[:b.stop-b.start]
	b.digests = b.digests[:0]
	for {
		n := min(chunkSize, int64(len(bytes)))
		b.digests = append(b.digests, sha256.Sum256(bytes[:n]))
		if bytes = bytes[n:]; len(bytes) == 0 {
			return
		}
	}
}

// close ends the pool and releases the memory.
func (w *window) close() {
	if w.pool != nil {
		w.pool.Close()
		w.pool = nil
	}
	if w.front != nil {
		w.idle = append(w.idle, w.front)
	}
	for _, b := range append(w.idle, w.queue...) {
		if b.Block != nil {
			b.Release()
		}
		if b.room != nil {
			b.room.Release()
		}
	}
	w.front, w.queue, w.idle = nil, nil, nil
}
