package zst_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// another is a decoder that is not asked for as much as ours.
func another(f *testing.F) *zstd.Decoder {
	f.Helper()
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		f.Fatal(err)
	}
	return dec
}

// Whatever bytes are given as a frame, nothing behind dst is written to, and dst is what
// the frame holds, or that is an error.
func FuzzFill(f *testing.F) {
	for _, frame := range small(f) {
		f.Add(uint16(len(smallPlain())), frame)
	}
	f.Add(uint16(6), skippable([]byte("abcabc")))
	f.Add(uint16(0), framed(false, nil))
	f.Add(uint16(0), dictionary())
	f.Add(uint16(200), crafted(17, unknown, repeated(100), repeated(100), last()))
	f.Add(uint16(200), crafted(17, 1<<40, repeated(128*kib), last()))
	dec, other := zst.NewDecoder(), another(f)
	f.Fuzz(func(t *testing.T, n uint16, frame []byte) {
		got, err := guarded(t, dec, int(n), frame)
		if err != nil {
			if !errors.Is(err, fault.ErrDamaged) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q", err)
			}
			return
		}
		if want, err := other.DecodeAll(frame, nil); err != nil || !bytes.Equal(got, want) {
			t.Errorf("got %x, want %x, %v", got, want, err)
		}
	})
}

// Whatever bytes are given as a stream, what comes out to its end is what the frames hold.
func FuzzReader(f *testing.F) {
	for _, s := range streams(f) {
		f.Add(slices.Concat(s.parts...))
	}
	for _, frame := range small(f) {
		f.Add(frame)
	}
	f.Add([]byte{})
	f.Add(single(4*mib, repeated(100*kib), last()))
	f.Add(crafted(41, 1<<40, last()))
	other := another(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		const most = 8 * mib
		r := zst.NewReader(bytes.NewReader(in))
		defer r.Close()
		got, err := io.ReadAll(io.LimitReader(r, most))
		switch {
		case err != nil && !errors.Is(err, fault.ErrDamaged) && !errors.Is(err, io.ErrUnexpectedEOF):
			t.Errorf("got %q", err)
		case err != nil || len(got) == most:
			return
		}
		if want, err := other.DecodeAll(in, nil); err != nil || !bytes.Equal(got, want) {
			t.Errorf("got %d bytes, want %d, %v", len(got), len(want), err)
		}
	})
}
