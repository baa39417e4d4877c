package zst

import (
	"bufio"
	"errors"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/internal/pool"
)

// An input is the stream that a Reader reads. It counts, and remembers its error, so
// that it can be told from one of the decoder.
type input struct {
	*bufio.Reader
	at  int64 // bytes that were read
	err error
}

func (in *input) Read(p []byte) (int, error) {
	n, err := in.Reader.Read(p)
	in.at += int64(n)
	if err != nil {
		in.err = err
	}
	return n, err
}

// header looks at the header of the next frame. io.EOF says that there is none.
func (in *input) header() (zstd.Header, error) {
	b, err := in.Peek(zstd.HeaderMaxSize)
	if len(b) == 0 || err != nil && !errors.Is(err, io.EOF) {
		return zstd.Header{}, err
	}
	h, err := header(b)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		err = fault.New(fault.ErrDamaged, "at byte %d %w", in.at, err)
	}
	return h, err
}

// skip passes n bytes over.
func (in *input) skip(n int64) error {
	_, err := io.CopyN(io.Discard, in, n)
	return cut(err)
}

// explain makes an error of the decoder one for people.
func (in *input) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case in.err != nil && !errors.Is(in.err, io.EOF): // also where it looks like an end
		return in.err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded): // blocks that are too long give these too
		return fault.Damaged("before byte %d a zstd frame is damaged, or asks for a window of more than %d bytes%s", in.at, int64(MaxWindow), remedy)
	}
	return fault.Damaged("before byte %d the zstd stream is damaged: %v", in.at, err)
}

// cut makes an end an unexpected one.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// A frame is one that is read whole.
type frame struct {
	pool.Job
	at     int64 // where it begins
	packed []byte
	plain  []byte // as long as the header says
	memory int    // of both, in bytes
	err    error
}

// read reads a frame whose header says what it holds.
func (f *frame) read(in *input, h *zstd.Header) error {
	f.at = in.at
	size := int(h.FrameContentSize)
	f.plain = slices.Grow(f.plain[:0], size)[:size]
	most := size + size/4 + 64<<10 // room for many small blocks
	f.packed = f.packed[:0]
	if err := f.more(in, h.HeaderSize); err != nil {
		return err
	}
	for last := false; !last; {
		if err := f.more(in, blockHeader); err != nil {
			return err
		}
		var n int
		n, last = block(f.packed[len(f.packed)-blockHeader:])
		if len(f.packed)+n > most {
			return fault.Damaged("at byte %d a zstd frame is longer than what it holds, %d bytes", f.at, size)
		}
		if err := f.more(in, n); err != nil {
			return err
		}
	}
	if h.HasCheckSum {
		return f.more(in, checksum)
	}
	return nil
}

// more reads n bytes of the frame.
func (f *frame) more(in *input, n int) error {
	f.packed = slices.Grow(f.packed, n)
	m, err := io.ReadFull(in, f.packed[len(f.packed):len(f.packed)+n])
	f.packed = f.packed[:len(f.packed)+m]
	return cut(err)
}

func (f *frame) decode(dec *zstd.Decoder) error {
	// What it gives is all of plain, in a slice that would hide the rest of its memory.
	if _, err := dec.DecodeAll(f.packed, f.plain[:0:len(f.plain)]); err != nil {
		return fault.Damaged("the zstd frame at byte %d is damaged: %v", f.at, err)
	}
	return nil
}
