package zst

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/internal/pool"
)

// A Reader gives what the frames of a stream hold, one after the other. Frames that say
// that they hold little, as those of an Encoder do, are read whole, a few of them ahead,
// and decompressed side by side; with the first other one everything that is left is
// decompressed on the calling goroutine.
//
//	in --> a frame --> queue: the pool decompresses --> front: bytes are handed out
//	  └--> stream, from the first large frame on
//
// A Reader is for one goroutine, and holds some 24 MiB at most, whatever the frames
// say. Close ends its goroutines, and may be called twice.
type Reader struct {
	in  *input
	dec *zstd.Decoder

	pool   *pool.Pool
	front  *frame // nil, or what is handed out
	rest   []byte // of front
	queue  []*frame
	idle   *frame        // nil, or to be used again
	ahead  int           // memory of the queue, in bytes
	stream *zstd.Decoder // nil until a large frame comes
	err    error         // of the last frame that was read
}

// maxAhead bounds the memory of the frames that are read ahead, in bytes.
const maxAhead = 12 << 20

// NewReader reads r, which stays open.
func NewReader(r io.Reader) *Reader {
	return &Reader{in: &input{Reader: bufio.NewReaderSize(r, 256<<10)}, dec: newDecoder(), pool: pool.New()}
}

// Read implements io.Reader. An error wraps fault.ErrDamaged, or is io.ErrUnexpectedEOF
// where a frame is cut, or that of the stream that is read.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if err := r.advance(); err != nil {
			return 0, err
		}
		if r.front == nil && r.stream != nil {
			n, err := r.stream.Read(p)
			r.err = r.in.explain(err) // asked again, the decoder gives what it has found damaged
			return n, r.err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// advance makes the next frame the front.
func (r *Reader) advance() error {
	if r.front != nil {
		r.idle, r.front = r.front, nil // of several one is kept: each may have become large
	}
	for r.err == nil && r.stream == nil && len(r.queue) < pool.Workers()+2 && (r.ahead < maxAhead || len(r.queue) == 0) {
		r.err = r.next()
	}
	if len(r.queue) == 0 {
		return r.err
	}
	f := r.queue[0]
	r.queue = r.queue[1:]
	f.Wait()
	r.ahead -= f.memory
	if f.err != nil {
		r.queue, r.err = nil, f.err
		return f.err
	}
	r.front, r.rest = f, f.plain
	return nil
}

// next reads the next frame and lets the pool decompress it, or finds that it is large.
func (r *Reader) next() error {
	h, err := r.in.header()
	switch {
	case err != nil:
		return err
	case h.Skippable:
		return r.in.skip(int64(h.HeaderSize) + int64(h.SkippableSize))
	case !h.HasFCS || h.FrameContentSize > maxFrame:
		return r.open(&h)
	}
	f := r.idle
	if r.idle = nil; f == nil {
		f = new(frame)
		f.Do = func() { f.err = f.decode(r.dec) }
	}
	if err := f.read(r.in, &h); err != nil {
		return err
	}
	f.memory = cap(f.packed) + cap(f.plain)
	r.ahead += f.memory
	r.queue = append(r.queue, f)
	r.pool.Start(&f.Job) // f is its until Wait
	return nil
}

// open leaves everything that comes to a decoder that keeps no frame whole.
func (r *Reader) open(h *zstd.Header) error {
	window := h.WindowSize
	if h.SingleSegment {
		window = h.FrameContentSize
	}
	if window > MaxWindow {
		remedy := remedy
		if window > 1<<31 {
			remedy = "" // zstd gives no more either
		}
		return fault.Damaged("at byte %d a zstd frame asks for a window of %d bytes, at most %d are given%s", r.in.at, window, int64(MaxWindow), remedy)
	}
	r.stream = must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(MaxWindow)))
	return r.stream.Reset(r.in)
}

// remedy is for frames that ask for more memory than they get.
const remedy = "; decompress it with zstd -d --long=31 first"

// Close ends the goroutines.
func (r *Reader) Close() {
	if r.pool == nil {
		return
	}
	r.pool.Close()
	r.pool = nil
	if r.stream != nil {
		r.stream.Close()
	}
	r.front, r.rest, r.queue, r.idle, r.stream, r.err = nil, nil, nil, nil, nil, errClosed
}

var errClosed = errors.New("the zstd stream is closed")
