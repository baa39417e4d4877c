package snapshot

import (
	"archive/tar"
	"io"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A TarReader turns a tar stream back into rows, in seq order. What the tar stream does
// not say is for a Verifier or a Restorer to check. It is for one goroutine, holds some
// megabytes and never more of a row than has come, and reads to the end of the tar
// stream but not beyond it.
type TarReader struct {
	tar    *tar.Reader
	in     *countingReader
	block  func(size int) Block
	meta   *Metadata
	layout *layout
	pieces *Pieces
	left   int64  // of the file whose rows come, in bytes
	name   string // of the last entry
	pad    int    // what fills it up, in bytes
	row    Row
	err    error

	interrupted func() error // asked while the metadata is read
}

// NewTarReader reads r, which stays open: what Stream.Tar gives without compression. A nil
// newBlock means Go memory. Drop gives the memory up.
func NewTarReader(r io.Reader, newBlock func(size int) Block) *TarReader {
	in := &countingReader{r: r}
	return &TarReader{
		tar: tar.NewReader(in), in: in, block: newBlock, row: Row{Seq: -1}, interrupted: never,
	}
}

// ReadTar gives the rows of a tar stream to add, which is a Verifier's or a Restorer's. A
// row is valid until add returns, whose error is returned as it is. The other errors are
// those of Next.
func ReadTar(r io.Reader, add func(*Row) error) error {
	t := NewTarReader(r, nil)
	for {
		more, err := t.Next()
		if err != nil || !more {
			return err
		}
		if err := add(t.Row()); err != nil {
			return err
		}
	}
}

// Next goes to the next row. It returns false after the end row. A stream that ends too
// early wraps ErrIncomplete, one that holds something else ErrDamaged, an error of the
// reader is wrapped. The first error is final.
func (t *TarReader) Next() (bool, error) {
	if t.err != nil || t.layout != nil && t.row.Seq == t.layout.end {
		return false, t.err
	}
	t.err = errPanicked // what remains if it does
	t.err = t.next(t.row.Seq + 1)
	return t.err == nil, t.err
}

// Row is the current row. Its data lies in a block, and is valid until the next call of
// Next, or for as long as that is Shared.
func (t *TarReader) Row() *Row { return &t.row }

// Metadata is the snapshot's record, nil before the first row. It is shared and must not be
// changed.
func (t *TarReader) Metadata() *Metadata { return t.meta }

// Drop gives the memory up. No row comes after it.
func (t *TarReader) Drop() {
	if t.pieces != nil {
		t.pieces.Drop()
	}
	if t.err == nil {
		t.err = errClosed
	}
}

func (t *TarReader) next(seq int64) error {
	if seq == 0 {
		return t.metadata()
	}
	p := t.layout.at(seq)
	if p.file == len(t.meta.Files) {
		return t.end(seq)
	}
	f := &t.meta.Files[p.file]
	if p.offset == 0 {
		head, err := t.entry(f.Name)
		if err != nil {
			return err
		}
		if head.Size != f.Size {
			return fault.Damaged("entry %s has %d bytes, the metadata says %d", f.Name, head.Size, f.Size)
		}
		t.left = f.Size
	}
	data, err := t.pieces.Next(t.left)
	if err != nil {
		return t.unreadable(f.Name, err)
	}
	t.left -= p.length
	t.row = Row{Seq: seq, Kind: KindChunk, FileName: f.Name, Offset: p.offset, Data: data, Last: p.last}
	return nil
}

func (t *TarReader) metadata() error {
	text, err := t.record(tarMetadata)
	if err != nil {
		return err
	}
	if t.meta, err = decodeMetadata([]byte(text), t.interrupted); err != nil {
		return err
	}
	t.layout, t.pieces = newLayout(t.meta), NewPieces(t.tar, t.meta.ChunkSize, t.block)
	t.row = Row{Kind: KindMetadata, Metadata: text}
	return nil
}

func (t *TarReader) end(seq int64) error {
	text, err := t.record(tarEnd)
	if err != nil {
		return err
	}
	t.row = Row{Seq: seq, Kind: KindEnd, Last: true, Metadata: text}
	return t.trailer()
}
