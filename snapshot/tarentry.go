package snapshot

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
)

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
