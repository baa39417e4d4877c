package snapshot

import "errors"

// A Block is memory that holds chunks. Shared reports whether somebody still
// uses a chunk of it, so that it must not be written to.
type Block interface {
	Bytes() []byte
	Shared() bool
	Release()
}

// A Stream hands out one snapshot as chunks, in seq order: the metadata chunk,
// then each file's bytes, then the end chunk.
//
// Bytes are read when they are asked for. They lie in a Block and are valid
// until the next call of Next, or for as long as the block is Shared. After an
// error every later call returns the same error. A Stream is for one
// goroutine; Close releases its memory and may be called twice.
type Stream struct {
	meta    *Metadata
	text    string
	layout  layout
	sources []Source
	opt     Options

	seq   int64
	place place
	err   error

	// The block that was read last, and an older one to use again.
	block, spare Block
	file         int   // of the bytes in block
	start, stop  int64 // offsets of the bytes in block
}

// Metadata is the snapshot's record. It is shared and must not be changed.
func (s *Stream) Metadata() *Metadata { return s.meta }

// Next goes to the next chunk. It returns false after the end chunk.
func (s *Stream) Next() (bool, error) {
	if s.err != nil || s.seq == s.layout.end {
		return false, s.err
	}
	s.seq++
	s.place = s.layout.at(s.seq)
	return true, nil
}

// Row is the current row, without its data: Data reads that.
func (s *Stream) Row() Row {
	row := Row{Seq: s.seq, Last: s.place.last}
	switch s.place.file {
	case -1:
		row.Kind, row.Metadata = KindMetadata, s.text
	case len(s.sources):
		row.Kind = KindEnd
	default:
		row.Kind, row.FileName = KindChunk, s.layout.files[s.place.file].Name
		row.Offset = s.place.offset
	}
	return row
}

// Data gives the bytes of the current chunk, which must be of KindChunk: of
// another row, and before Next, it is an error, after which the stream goes on.
func (s *Stream) Data() ([]byte, error) {
	p := s.place
	if s.err == nil && (p.file < 0 || p.file == len(s.sources)) {
		return nil, errNoData
	}
	if s.err == nil && (s.block == nil || p.file != s.file || p.offset < s.start || p.offset+p.length > s.stop) {
		s.err = s.load(p)
	}
	if s.err != nil {
		return nil, s.err
	}
	at := p.offset - s.start
	return s.block.Bytes()[at : at+p.length : at+p.length], nil
}

var errStreamClosed = errors.New("the snapshot is closed; take another one")

var errNoData = errors.New("only a row of KindChunk has data")

// Each gives every row that is left to add, with its data. A row is valid until
// add returns.
func (s *Stream) Each(add func(*Row) error) error {
	for {
		more, err := s.Next()
		if err != nil || !more {
			return err
		}
		row := s.Row()
		if row.Kind == KindChunk {
			if row.Data, err = s.Data(); err != nil {
				return err
			}
		}
		if err := add(&row); err != nil {
			return err
		}
	}
}

// load reads the block that begins with a chunk: as many whole chunks as fit
// into blockSize, at least one.
func (s *Stream) load(p place) error {
	if err := s.opt.interrupted(); err != nil {
		return err
	}
	n := s.opt.ChunkSize * max(1, blockSize/s.opt.ChunkSize)
	n = min(n, s.layout.files[p.file].Size-p.offset)
	if err := s.turn(int(n)); err != nil {
		return err
	}
	if err := s.sources[p.file].read(s.block.Bytes()[:n], p.offset); err != nil {
		return err
	}
	s.file, s.start, s.stop = p.file, p.offset, p.offset+n
	return nil
}

// turn makes block one of at least n bytes that nobody reads: the older of the
// two, or a new one. SQLite lets go of a chunk only when it takes the next, so
// the newer one is still in use.
func (s *Stream) turn(n int) error {
	s.block, s.spare = s.spare, s.block
	if s.block != nil && (s.block.Shared() || len(s.block.Bytes()) < n) {
		s.block.Release()
		s.block = nil
	}
	if s.block == nil {
		s.block = s.newBlock(max(n, 1))
	}
	if s.block == nil {
		return ErrNoMemory
	}
	return nil
}

func (s *Stream) newBlock(n int) Block {
	if s.opt.NewBlock == nil {
		return heapBlock(make([]byte, n))
	}
	return s.opt.NewBlock(n)
}

// Close releases the stream's memory. Its sources may be closed next, so nothing
// is read any more.
func (s *Stream) Close() {
	if s.err == nil {
		s.err = errStreamClosed
	}
	for _, b := range []Block{s.block, s.spare} {
		if b != nil {
			b.Release()
		}
	}
	s.block, s.spare = nil, nil
}

// A heapBlock is a Block of Go memory, valid until the next call of Next.
type heapBlock []byte

func (b heapBlock) Bytes() []byte { return b }
func (b heapBlock) Shared() bool  { return false }
func (b heapBlock) Release()      {}
