package snapshot

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// The names of the entries of a tar stream that are not files of the snapshot.
// They are part of the format: metadata.json is the first entry, the files
// follow in the order of the metadata, and END with the end record is the last. The
// stream is PAX (https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html),
// so that tar xf restores a snapshot by hand, and split and sha256sum check it.
const (
	tarMetadata = "metadata.json"
	tarEnd      = "END"
)

// A TarWriter writes the rows of one snapshot as a tar stream. It keeps
// nothing of a row and holds no memory that grows with the snapshot. It is for
// one goroutine.
type TarWriter struct {
	assembler
	tar     *tar.Writer
	next    int64  // the seq of the next row
	text    string // of the row that is added: the metadata, or the end record
	created time.Time
}

// NewTarWriter writes to w, which stays open.
func NewTarWriter(w io.Writer) *TarWriter {
	t := &TarWriter{tar: tar.NewWriter(w)}
	t.sink = t
	return t
}

// Add writes one row. Rows must come in seq order; the first error is final.
// Rows that contradict each other wrap ErrDamaged.
func (t *TarWriter) Add(r *Row) error {
	if t.err == nil && r.Seq != t.next {
		t.err = fault.Damaged("row with seq %d came where seq %d must; a tar stream is written in order", r.Seq, t.next)
	}
	t.text = r.Metadata
	t.next++
	return t.add(r)
}

// Close ends the stream. It is an error wrapping ErrIncomplete if rows are
// missing; what was written is then no snapshot. A second Close writes nothing
// and returns the same.
func (t *TarWriter) Close() error {
	if errors.Is(t.err, errEnded) {
		return nil
	}
	err := t.finish()
	if err == nil {
		err = t.entry(tarEnd, t.text)
	}
	if err == nil {
		if err = t.tar.Close(); err != nil {
			err = fmt.Errorf("end a tar stream: %w", err)
		}
	}
	t.err = errEnded
	if err != nil {
		t.err = err
	}
	return err
}

var errEnded = errors.New("the tar stream has ended already")

func (t *TarWriter) header(name string, size int64) error {
	err := t.tar.WriteHeader(&tar.Header{
		Name: name, Size: size, Mode: 0o600, ModTime: t.created, Format: tar.FormatPAX,
	})
	if err != nil {
		return fmt.Errorf("begin %s in a tar stream: %w", name, err)
	}
	return nil
}

// entry writes a whole entry.
func (t *TarWriter) entry(name, text string) error {
	if err := t.header(name, int64(len(text))); err != nil {
		return err
	}
	if _, err := io.WriteString(t.tar, text); err != nil {
		return fmt.Errorf("write %s to a tar stream: %w", name, err)
	}
	return nil
}

func (t *TarWriter) begin(m *Metadata) error {
	t.created = time.UnixMilli(m.CreatedAt).Truncate(time.Second)
	return t.entry(tarMetadata, t.text)
}

func (t *TarWriter) write(_ int64, p *place, data []byte) error {
	f := &t.meta.Files[p.file]
	if p.offset == 0 {
		if err := t.header(f.Name, f.Size); err != nil {
			return err
		}
	}
	if _, err := t.tar.Write(data); err != nil {
		return fmt.Errorf("write %s to a tar stream: %w", f.Name, err)
	}
	return nil
}

// tempFile is for rows out of order, which Add refuses.
func (t *TarWriter) tempFile() (*TempFile, error) {
	return nil, errors.New("a tar stream keeps no rows")
}
