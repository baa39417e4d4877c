package snapshot

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
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

// An entry's bytes fill blocks of tarBlock, two blocks of zeros follow the last entry, and
// at most tarRecord bytes of zeros those: GNU tar's last record has at most 2048 blocks.
const (
	tarBlock   = 512
	tarTrailer = 2 * tarBlock
	tarRecord  = 2048 * tarBlock
)

// A Tar is a Stream as the bytes of a tar file, compressed with zstd if the Stream was
// opened with CompressBlocks: many frames, one after the other, none of which holds more
// than a block. It is for the goroutine that the Stream is for, which is not read in
// another way; closing the Stream ends it. Without compression nothing is copied.
type Tar struct {
	stream *Stream
	piece  []byte       // what is left of what comes next
	small  bytes.Buffer // of headers, records and zeros
	packed []byte       // of those, their frame
	body   bool         // the header of the front's file went out
	pad    int64        // zeros that are missing after a file
	done   int64        // bytes of the files
	ended  bool
}

var errIncrementTar = errors.New("an increment cannot be a tar file, which has all of each file; open the stream without Options.Base")

// Tar gives the stream, of which no row was read, as a tar file. Of an increment there is
// none.
func (s *Stream) Tar() *Tar { return &Tar{stream: s} }

// Done is how many bytes of the files came, before any compression: all at the end.
func (t *Tar) Done() int64 { return t.done }

// Read implements io.Reader.
func (t *Tar) Read(p []byte) (int, error) {
	for !t.ready() {
		if err := t.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, t.piece)
	t.piece = t.piece[n:]
	return n, nil
}

// WriteTo implements io.WriterTo: it writes whole blocks, which are not copied.
func (t *Tar) WriteTo(w io.Writer) (written int64, err error) {
	for err == nil {
		if t.ready() {
			n, err := w.Write(t.piece)
			written += int64(n)
			t.piece = t.piece[n:]
			if err == nil && len(t.piece) > 0 {
				err = io.ErrShortWrite
			}
			if err != nil {
				return written, fmt.Errorf("write a tar stream: %w", err)
			}
		}
		err = t.next()
	}
	if t.ended && errors.Is(err, io.EOF) {
		err = nil
	}
	return written, err
}

// ready tells whether something is left of a piece, which an end of the Stream takes away.
func (t *Tar) ready() bool { return len(t.piece) > 0 && t.stream.err == nil }

// next makes the next piece, of which a file's bytes may have none. io.EOF is the end.
func (t *Tar) next() error {
	s := t.stream
	switch {
	case s.err != nil:
		return s.err
	case t.ended:
		return io.EOF
	}
	s.err = errPanicked // what remains if it does
	s.err = t.step()
	return s.err
}

func (t *Tar) step() error {
	s := t.stream
	if s.increment != nil {
		return errIncrementTar
	}
	if s.row.Seq < 0 {
		s.row = Row{Kind: KindMetadata, Metadata: s.text}
		return t.record(tarMetadata, s.text)
	}
	if t.body {
		t.body = false
		return t.block()
	}
	if err := s.advance(); err != nil {
		return err
	}
	b := s.window.front
	switch {
	case b == nil:
		return t.end()
	case b.start == 0:
		t.body = true
		return t.header(&s.layout.files[b.file])
	}
	return t.block()
}

// block gives the bytes of the front.
func (t *Tar) block() error {
	b := t.stream.window.front
	if b.stop == t.stream.layout.files[b.file].Size {
		t.pad = -b.stop & (tarBlock - 1)
	}
	t.done += b.stop - b.start
	if t.piece = b.Bytes()[:b.stop-b.start]; t.compressed() {
		b.Wait()
		t.piece = b.frame
	}
	return nil
}

// header gives the header of a file, after what the file before it lacks.
func (t *Tar) header(f *File) error {
	err := t.add(f.Name, f.Size)
	t.give()
	return err
}

// end gives the end record and the end of the tar file.
func (t *Tar) end() error {
	if err := t.stream.end(t.stream.layout.end); err != nil {
		return err
	}
	t.ended = true
	return t.record(tarEnd, t.stream.row.Metadata)
}

// record gives a whole entry, and after the last one the end.
func (t *Tar) record(name, text string) error {
	if err := t.add(name, int64(len(text))); err != nil {
		return err
	}
	t.small.WriteString(text)
	zeros := -len(text) & (tarBlock - 1)
	if t.ended {
		zeros += tarTrailer
	}
	t.small.Write(make([]byte, zeros))
	t.give()
	return nil
}

// add adds the zeros that are missing, and a header.
func (t *Tar) add(name string, size int64) error {
	t.small.Reset()
	t.small.Write(make([]byte, t.pad))
	t.pad = 0
	err := tar.NewWriter(&t.small).WriteHeader(&tar.Header{
		Name: name, Size: size, Mode: 0o600, Format: tar.FormatPAX,
		ModTime: time.UnixMilli(t.stream.meta.CreatedAt).Truncate(time.Second),
	})
	if err != nil {
		return fmt.Errorf("begin %s in a tar stream: %w", name, err)
	}
	return nil
}

// give makes what was added the next piece.
func (t *Tar) give() {
	if t.piece = t.small.Bytes(); t.compressed() {
		t.packed = t.stream.window.encoder.Append(t.packed[:0], t.piece)
		t.piece = t.packed
	}
}

func (t *Tar) compressed() bool { return t.stream.window.opt.Compress == CompressBlocks }
