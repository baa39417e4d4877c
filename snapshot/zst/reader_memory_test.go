package zst_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// A repeater gives a piece so many times.
type repeater struct {
	piece []byte
	times int
	rest  []byte
}

func (r *repeater) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.times == 0 {
			return 0, io.EOF
		}
		r.rest, r.times = r.piece, r.times-1
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// A Reader holds some 30 MiB at most, whatever the frames say and however many goroutines
// there are.
func TestReaderMemory(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	full := single(4*mib, slices.Concat(slices.Repeat([][]byte{raw(make([]byte, 127*kib))}, 32)...), raw(make([]byte, 32*kib)), last())
	small := slices.Concat(slices.Repeat([][]byte{framed(true, prose(300))}, 10)...)
	for i, c := range []struct {
		name  string
		piece []byte
		times int
		whole bool
	}{
		{"frames of 2 MiB", framed(true, noise(1, zst.FrameSize)), 40, true},
		{"frames of 4 MiB", single(4*mib, slices.Concat(slices.Repeat([][]byte{raw(make([]byte, 128*kib))}, 32)...), last()), 12, true},
		{"frames of 4 MiB in many blocks", full, 12, true},
		{"frames of 4 MiB between small ones", slices.Concat(small, full, framed(true, prose(mib))), 30, true},
		{"frames that say 4 MiB", single(4*mib, repeated(100*kib), last()), 12, false},
		{"frames of no blocks", single(4*mib, bytes.Repeat(blockHeader(0, 0, false), mib), last()), 12, false},
		{"one frame", program(t, noise(1, 20*mib), "-1"), 1, true},
		{"one frame that says its size", program(t, noise(1, 20*mib), "-1", fmt.Sprintf("--stream-size=%d", 20*mib)), 1, true},
		{"one of the largest window", program(t, prose(20*mib), "-3", "--long=23"), 1, true},
		{"one that says a terabyte", crafted(23, 1<<40, slices.Repeat(repeated(128*kib), 1000)), 1, false},
		{"a frame to be skipped of a gigabyte", append([]byte{0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 64}, make([]byte, mib)...), 1, false},
	} {
		before, most := inUse(), int64(0)
		r := zst.NewReader(&repeater{piece: c.piece, times: c.times})
		p := make([]byte, mib)
		var err error
		total := allocated(func() {
			for n := 0; ; n++ {
				if n%7 == 0 {
					most = max(most, inUse()-before)
				}
				if _, err = r.Read(p); err != nil {
					break
				}
			}
		})
		if (errors.Is(err, io.EOF)) != c.whole {
			t.Errorf("%s: %v", c.name, err)
		}
		most = max(most, inUse()-before)
		r.Close()
		if most > 24*mib {
			t.Errorf("%s: %d bytes were in use", c.name, most)
		}
		if i == 0 && total > 100*mib {
			t.Errorf("%s: %d bytes were allocated, those of frames that are used again", c.name, total)
		}
	}
}

// Close ends the goroutines wherever the Reader is, and may be called twice. Nothing is
// read after it.
func TestReaderClose(t *testing.T) {
	mine := goleak.IgnoreCurrent()
	plain := prose(20 * mib)
	for name, stream := range map[string][]byte{
		"small frames": frames(plain, 100000), "frames of 2 MiB": frames(plain, zst.FrameSize), "a large one": program(t, plain),
		"damage behind some frames": append(frames(plain[:mib], 100000), "rubbish"...),
	} {
		for _, n := range []int64{0, 1, 100000, 150000, mib, 30 * mib} {
			in := &counter{Reader: bytes.NewReader(stream)}
			r := zst.NewReader(in)
			_, _ = io.CopyN(io.Discard, r, n)
			r.Close()
			if err := goleak.Find(mine); err != nil {
				t.Fatalf("%s, after %d bytes: %v", name, n, err)
			}
			r.Close()
			read := in.n
			if n, err := r.Read(make([]byte, 10)); n != 0 || fmt.Sprint(err) != "the zstd stream is closed" || in.n != read {
				t.Errorf("%s: after Close, Read gives %d, %v", name, n, err)
			}
		}
	}
}

type counter struct {
	io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// Frames are read ahead of the one that is handed out: two more than there are goroutines,
// and fewer where these, packed and plain, need 12 MiB.
func TestReaderReadsAhead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for _, c := range []struct{ size, want int }{{mib / 2, 6}, {zst.FrameSize, 3}} {
		frame := framed(true, noise(1, c.size))
		in := &counter{Reader: &repeater{piece: frame, times: 100}}
		r := zst.NewReader(in)
		if _, err := r.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
		if got := in.n / len(frame); got != c.want {
			t.Errorf("frames of %d bytes: %d were read for the first byte, want %d", c.size, got, c.want)
		}
		r.Close()
	}
}
