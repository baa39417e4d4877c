package snapshot

import "errors"

// A Block is memory that holds chunks. Shared reports whether somebody still
// uses a chunk of it, so that it must not be written to.
type Block interface {
	Bytes() []byte
	Shared() bool
	Release()
}

// A Stream hands out one snapshot as rows, in seq order: the metadata row, then
// each file's bytes, then the end row.
//
// Bytes are read a few blocks ahead of the row that is handed out, once. A row's
// data lies in a Block and is valid until the next call of Next, or for as long as
// the block is Shared. After an error every later call returns the same error. A
// Stream is for one goroutine, which is the one that reads the sources; Close ends
// the goroutines that hash, releases the memory, and may be called twice.
type Stream struct {
	meta   *Metadata
	text   string
	layout *layout

	window    *window // which is closed when the end row is made
	folder    *folder
	manifest  *manifest  // nil if none is wanted
	increment *increment // nil: every chunk has a row

	row      Row
	checksum Checksum // known with the end row
	err      error
}

// Metadata is the snapshot's record. It is shared and must not be changed.
func (s *Stream) Metadata() *Metadata { return s.meta }

// Next goes to the next row. It returns false after the end row.
func (s *Stream) Next() (bool, error) {
	if s.err != nil || s.row.Seq == s.layout.end {
		return false, s.err
	}
	for {
		s.err = errPanicked // what remains if it does
		if s.err = s.next(s.row.Seq + 1); s.err != nil || !s.unchanged() {
			return s.err == nil, s.err
		}
	}
}

func (s *Stream) next(seq int64) (err error) {
	p := s.layout.at(seq)
	switch p.file {
	case -1:
		s.row = Row{Seq: seq, Kind: KindMetadata, Metadata: s.text}
		err = s.manifest.start()
	case len(s.meta.Files):
		err = s.finish(seq)
	default:
		err = s.chunk(seq, &p)
	}
	return err
}

// chunk makes the row of some bytes of a file.
func (s *Stream) chunk(seq int64, p *place) error {
	b := s.window.front
	if b == nil || b.file != p.file || p.offset >= b.stop && p.length > 0 {
		if err := s.advance(); err != nil {
			return err
		}
		b = s.window.front
	}
	at := p.offset - b.start
	data := b.Bytes()[at : at+p.length : at+p.length]
	if s.window.opt.Compress == CompressChunks {
		b.Wait()
		if frame := b.packed(at / s.layout.chunkSize); frame != nil {
			data = frame
		}
	}
	s.row = Row{
		Seq: seq, Kind: KindChunk, FileName: s.layout.files[p.file].Name, Offset: p.offset, Data: data, Last: p.last,
	}
	return nil
}

// advance goes to the next block, and folds the digests of the last.
func (s *Stream) advance() error {
	old, err := s.window.advance()
	if old == nil {
		return err
	}
	for i := range old.digests {
		s.folder.add(&old.digests[i])
		s.manifest.add(&old.digests[i])
	}
	return err
}

// finish makes the end row, when every block has been handed out: none is needed any more.
func (s *Stream) finish(seq int64) error {
	if err := s.advance(); err != nil {
		return err
	}
	s.window.close()
	return s.end(seq)
}

func (s *Stream) end(seq int64) error {
	end := newEndRecord(s.meta, hashText(s.text), s.folder.files)
	s.checksum = end.Checksum
	if inc := s.increment; inc != nil {
		sum := inc.carried.checksum()
		end.Base, end.Rows, end.Carried = &BaseRecord{inc.base.SnapshotID, inc.base.Checksum}, &inc.rows, &sum
	}
	text, err := end.encode()
	if err == nil {
		err = s.manifest.finish(s.meta, end)
	}
	if err == nil {
		s.row = Row{Seq: seq, Kind: KindEnd, Last: true, Metadata: text}
	}
	return err
}

// Checksum is the snapshot's, which is known with the end row.
func (s *Stream) Checksum() Checksum { return s.checksum }

// Row is the current row. It is the Stream's: it changes with the next call of Next.
func (s *Stream) Row() *Row { return &s.row }

// Digest is that of the current row's data. Of a row that is not of KindChunk, ok is
// false.
func (s *Stream) Digest() (digest Checksum, ok bool) {
	if b := s.window.front; s.err == nil && s.row.Kind == KindChunk && b != nil {
		b.Wait()
		return b.digests[(s.row.Offset-b.start)/s.layout.chunkSize], true
	}
	return digest, false
}

var errStreamClosed = errors.New("the snapshot is closed; take another one")

// Each gives every row that is left to add. A row is valid until add returns.
func (s *Stream) Each(add func(*Row) error) error {
	for {
		more, err := s.Next()
		if err != nil || !more {
			return err
		}
		if err := add(&s.row); err != nil {
			return err
		}
	}
}

// Close ends the stream. Its sources may be closed next, so nothing is read any
// more.
func (s *Stream) Close() {
	if s.err == nil {
		s.err = errStreamClosed
	}
	s.window.close()
	s.manifest.close()
}

// A heapBlock is a Block of Go memory, valid until the next call of Next.
type heapBlock []byte

func (b heapBlock) Bytes() []byte { return b }
func (b heapBlock) Shared() bool  { return false }
func (b heapBlock) Release()      {}

// orHeap is newBlock, or what makes Go memory where that is nil.
func orHeap(newBlock func(size int) Block) func(size int) Block {
	if newBlock == nil {
		return func(size int) Block { return heapBlock(make([]byte, size)) }
	}
	return newBlock
}
