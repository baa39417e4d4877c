package snapshot

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// An entry's bytes fill blocks of tarBlock, and two blocks of zeros follow the last
// entry.
const (
	tarBlock   = 512
	tarTrailer = 2 * tarBlock
)

// A tarReader turns a tar stream back into rows.
type tarReader struct {
	tar *tar.Reader
	in  *countingReader
	add func(*Row) error
	seq int64
	buf bytes.Buffer // one chunk
}

// ReadTar reads what a TarWriter wrote and gives the rows, in order, to add: a
// Verifier's or a Restorer's, which check all that the tar stream does not say.
// A row is valid until add returns. A stream that ends too early wraps
// ErrIncomplete, one that holds something else ErrDamaged; an error of add is returned
// as it is, one of r is wrapped. It holds one chunk in memory, and reads to the
// end of the tar stream but not beyond it.
func ReadTar(r io.Reader, add func(*Row) error) error {
	in := &countingReader{r: r}
	return (&tarReader{tar: tar.NewReader(in), in: in, add: add}).read()
}

func (t *tarReader) read() error {
	m, err := t.metadata()
	if err != nil {
		return err
	}
	for i := range m.Files {
		if err := t.file(&m.Files[i], m.ChunkSize); err != nil {
			return err
		}
	}
	end, err := t.record(tarEnd)
	if err != nil {
		return err
	}
	if err := t.trailer(len(end)); err != nil {
		return err
	}
	return t.add(&Row{Seq: t.seq, Kind: KindEnd, Last: true, Metadata: end})
}

// record reads an entry that is the metadata or the end record.
func (t *tarReader) record(name string) (string, error) {
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

func (t *tarReader) metadata() (*Metadata, error) {
	text, err := t.record(tarMetadata)
	if err != nil {
		return nil, err
	}
	m, err := DecodeMetadata([]byte(text))
	if err != nil {
		return nil, err
	}
	t.seq = 1
	return m, t.add(&Row{Kind: KindMetadata, Metadata: text})
}

// file gives the chunks of one file to add.
func (t *tarReader) file(f *File, chunkSize int64) error {
	head, err := t.entry(f.Name)
	if err != nil {
		return err
	}
	if head.Size != f.Size {
		return fault.Damaged("entry %s has %d bytes, the metadata says %d", f.Name, head.Size, f.Size)
	}
	for offset, last := int64(0), false; !last; offset += chunkSize {
		n := min(chunkSize, f.Size-offset)
		t.buf.Reset()
		if _, err := io.CopyN(&t.buf, t.tar, n); err != nil { // it grows with what comes
			return unreadable(f.Name, err)
		}
		last = offset+n == f.Size
		if err := t.add(&Row{Seq: t.seq, Kind: KindChunk, FileName: f.Name, Offset: offset, Data: t.buf.Bytes(), Last: last}); err != nil {
			return err
		}
		t.seq++
	}
	return nil
}

// entry goes to the next entry, which must be a file of this name.
func (t *tarReader) entry(name string) (*tar.Header, error) {
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
func (t *tarReader) trailer(size int) error {
	const what = "the end of the tar stream"
	rest := int64(tarBlock-size%tarBlock) % tarBlock
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
