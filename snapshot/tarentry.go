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
		return "", t.unreadable(name, err)
	}
	return string(text), nil
}

// entry goes to the next entry, which must be a file of this name.
func (t *TarReader) entry(name string) (*tar.Header, error) {
	head, err := t.following()
	if err != nil {
		return nil, t.unreadable(name, err)
	}
	is := head.Name
	if head.Typeflag == tar.TypeDir {
		is = strings.TrimSuffix(is, "/")
	}
	if is != name {
		return nil, fault.Damaged("the next entry must be the file %s, but is %s", name, fault.Quote(head.Name))
	}
	if kind := kindOf(head); kind != "" {
		return nil, fault.Damaged("entry %s is %s, must be a regular file with all its bytes", name, kind)
	}
	t.name, t.pad = name, int(-head.Size&(tarBlock-1))
	return head, nil
}

// kindOf says what an entry is that is no regular file with all its bytes.
func kindOf(head *tar.Header) string {
	for key := range head.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") { // a few bytes could stand for any number
			return "a sparse file"
		}
	}
	switch head.Typeflag {
	case tar.TypeReg:
		return ""
	case tar.TypeGNUSparse:
		return "a sparse file"
	case tar.TypeLink:
		return "a hard link"
	case tar.TypeSymlink:
		return "a symbolic link"
	case tar.TypeDir:
		return "a directory"
	case tar.TypeFifo:
		return "a pipe"
	case tar.TypeChar, tar.TypeBlock:
		return "a device"
	}
	return fmt.Sprintf("of the type %q", head.Typeflag)
}

// following goes to what follows an entry that was read. archive/tar passes over what
// fills that up.
func (t *TarReader) following() (*tar.Header, error) {
	t.in.zeros = t.pad
	return t.tar.Next()
}

// trailer reads what follows the last entry. archive/tar is content with a stream that
// lacks it.
func (t *TarReader) trailer() error {
	const what = "the end of the tar stream"
	before := t.in.n
	switch head, err := t.following(); {
	case err == nil:
		return fault.Damaged("entry %s follows the entry END", fault.Quote(head.Name))
	case !errors.Is(err, io.EOF):
		return t.unreadable(what, err)
	case t.in.n-before != int64(t.pad)+tarTrailer:
		return t.unreadable(what, io.ErrUnexpectedEOF)
	}
	return nil
}

// unreadable tells a stream that ends too early, and one that is no tar
// stream, and bytes that should be zeros, from one that cannot be read.
func (t *TarReader) unreadable(name string, err error) error {
	switch {
	case errors.Is(err, errNotZeros):
		return fault.Damaged("other bytes than zeros fill up the entry %s", t.name)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return incomplete("incomplete: the stream ends before %s is whole", name)
	case errors.Is(err, tar.ErrHeader), errors.Is(err, tar.ErrFieldTooLong), errors.Is(err, tar.ErrInsecurePath):
		return fault.Damaged("where %s should be there is no entry of a tar stream", name)
	}
	return fmt.Errorf("read %s: %w", name, fault.Cause(err))
}

// A countingReader counts what was read, and wants zeros where they must be.
type countingReader struct {
	r     io.Reader
	n     int64
	zeros int // at the beginning of what comes, in bytes
}

var errNotZeros = errors.New("other bytes than zeros")

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	zeros := min(n, c.zeros)
	c.zeros -= zeros
	if len(bytes.Trim(p[:zeros], "\x00")) > 0 {
		return n, errNotZeros
	}
	return n, err
}
