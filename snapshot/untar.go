package snapshot

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"strings"

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
	left   int64 // of the file whose rows come, in bytes
	row    Row
	err    error
}

// NewTarReader reads r, which stays open: what Stream.Tar gives without compression. A nil
// newBlock means Go memory. Drop gives the memory up.
func NewTarReader(r io.Reader, newBlock func(size int) Block) *TarReader {
	in := &countingReader{r: r}
	return &TarReader{tar: tar.NewReader(in), in: in, block: newBlock, row: Row{Seq: -1}}
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
		return unreadable(f.Name, err)
	}
	t.left -= p.length
	t.row = Row{Seq: seq, Kind: KindChunk, FileName: f.Name, Offset: p.offset, Data: data, Last: p.last}
	return nil
}

// record reads an entry that is the metadata or the end record.
func (t *TarReader) record(name string) (string, error) {
	head, err := t.entry(name)
	if err != nil {
		return "", err
	}
	if head.Size > MaxMetadataSize {
		return "", fault.Damaged("%s is %d bytes long, at most %d are read", name, head.Size, MaxMetadataSize)
	}
	text := make([]byte, head.Size)
	if _, err := io.ReadFull(t.tar, text); err != nil {
		return "", unreadable(name, err)
	}
	return string(text), nil
}

func (t *TarReader) metadata() error {
	text, err := t.record(tarMetadata)
	if err != nil {
		return err
	}
	if t.meta, err = DecodeMetadata([]byte(text)); err != nil {
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
	return t.trailer(len(text))
}

// entry goes to the next entry, which must be a file of this name.
func (t *TarReader) entry(name string) (*tar.Header, error) {
	head, err := t.tar.Next()
	if err != nil {
		return nil, unreadable(name, err)
	}
	if head.Name != name || head.Typeflag != tar.TypeReg {
		return nil, fault.Damaged("the next entry must be the file %s, but is %s", name, fault.Quote(head.Name))
	}
	for key := range head.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") { // a few bytes could stand for any number
			return nil, fault.Damaged("entry %s is sparse, must have all its bytes", name)
		}
	}
	return head, nil
}

// trailer reads what follows the last entry, of so many bytes. archive/tar is content
// with a stream that lacks it.
func (t *TarReader) trailer(size int) error {
	const what = "the end of the tar stream"
	rest := int64(-size & (tarBlock - 1))
	before := t.in.n
	switch head, err := t.tar.Next(); {
	case err == nil:
		return fault.Damaged("entry %s follows the entry END", fault.Quote(head.Name))
	case !errors.Is(err, io.EOF):
		return unreadable(what, err)
	case t.in.n-before != rest+tarTrailer:
		return unreadable(what, io.ErrUnexpectedEOF)
	}
	return nil
}

// unreadable tells a stream that ends too early, and one that is no tar
// stream, from one that cannot be read.
func unreadable(name string, err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return incomplete("incomplete: the stream ends before %s is whole", name)
	case errors.Is(err, tar.ErrHeader), errors.Is(err, tar.ErrFieldTooLong), errors.Is(err, tar.ErrInsecurePath):
		return fault.Damaged("where %s should be there is no entry of a tar stream", name)
	}
	return fmt.Errorf("read %s: %w", name, err)
}

// A countingReader counts what was read.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
