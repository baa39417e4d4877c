package snapshot

import (
	"io"
	"slices"
)

// Pieces cuts a stream of bytes into pieces that lie in Blocks, of which each has
// several that are read at once. A piece is valid until the next call, or for as long as its
// block is Shared. Drop gives the memory up.
type Pieces struct {
	in       io.Reader
	size     int64 // of a piece, in bytes
	newBlock func(size int) Block

	blocks []Block // two at most: SQLite lets go of a piece when it takes the next
	rest   []byte  // what was read and not handed out
	err    error   // of the last read
}

// NewPieces makes pieces of size bytes, 1 at least. A nil newBlock means Go memory.
func NewPieces(in io.Reader, size int64, newBlock func(size int) Block) *Pieces {
	return &Pieces{in: in, size: size, newBlock: orHeap(newBlock)}
}

// Next gives the next piece of a stream that is read for so many bytes, or to its end if
// left is negative. A piece is shorter only where that is all; where the stream ends
// sooner, the error says so: io.EOF, or what the stream says. Without memory it is
// ErrNoMemory, for good.
func (p *Pieces) Next(left int64) ([]byte, error) {
	n, want := p.size, max(p.size, blockSize/p.size*p.size)
	if left >= 0 {
		n, want = min(n, left), min(want, left)
	}
	if len(p.rest) == 0 && n > 0 {
		if err := p.fill(want); err != nil {
			return nil, err
		}
	}
	piece := p.rest[:min(n, int64(len(p.rest)))]
	p.rest = p.rest[len(piece):]
	if int64(len(piece)) < n {
		return piece, p.err
	}
	return piece, nil
}

// fill reads n bytes.
func (p *Pieces) fill(n int64) error {
	if n > blockSize {
		return p.grow(n)
	}
	b, err := p.unshared(n)
	if err == nil {
		p.read(b.Bytes()[:n], 0)
	}
	return err
}

// grow reads a piece that is larger than a block. Its memory grows with what comes:
// whoever says how long it is may not have it.
func (p *Pieces) grow(n int64) error {
	for room := int64(blockSize / 4); int64(len(p.rest)) < n && p.err == nil; room = min(n, 2*room) {
		b := p.newBlock(int(room))
		if b == nil {
			p.err = ErrNoMemory
			return p.err
		}
		have := copy(b.Bytes(), p.rest)
		p.Drop()
		p.blocks = append(p.blocks, b)
		p.read(b.Bytes()[:room], have)
	}
	return nil
}

// read fills bytes, of which there are some. io.ReadFull would not tell the end of the
// stream from an error that wraps io.ErrUnexpectedEOF.
func (p *Pieces) read(bytes []byte, have int) {
	for have < len(bytes) && p.err == nil {
		var n int
		n, p.err = p.in.Read(bytes[have:min(have+blockSize, len(bytes))]) // which may be asked whether to go on
		have += n
	}
	if p.rest = bytes[:have]; have == len(bytes) {
		p.err = nil // of what comes next, which says it again
	}
}

// unshared gives memory for size bytes that nobody reads.
func (p *Pieces) unshared(size int64) (Block, error) {
	for _, b := range p.blocks {
		if int64(len(b.Bytes())) >= size && !b.Shared() {
			return b, nil
		}
	}
	const most = 2
	if len(p.blocks) == most {
		p.blocks[0].Release()
		p.blocks = slices.Delete(p.blocks, 0, 1)
	}
	b := p.newBlock(int(size))
	if b == nil {
		p.err = ErrNoMemory
		return nil, p.err
	}
	p.blocks = append(p.blocks, b)
	return b, nil
}

// Drop gives the memory up.
func (p *Pieces) Drop() {
	for _, b := range p.blocks {
		b.Release()
	}
	p.blocks, p.rest = nil, nil
}
