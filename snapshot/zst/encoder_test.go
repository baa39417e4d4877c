package zst_test

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// What a frame holds comes out again: of ours by the zstd of Debian and by a Decoder, of
// its by a Decoder.
func TestFrames(t *testing.T) {
	dec := zst.NewDecoder()
	for name, plain := range plains {
		for _, checksum := range []bool{false, true} {
			frame := framed(checksum, plain)
			if !zst.IsFrame(frame) || !zst.IsStream(frame) {
				t.Errorf("%s: the frame begins with %x", name, frame[:4])
			}
			dst := make([]byte, len(plain))
			if err := dec.Fill(dst, frame); err != nil || !bytes.Equal(dst, plain) {
				t.Errorf("%s, checksum %t: Fill gives %v, or other bytes", name, checksum, err)
			}
			if got := program(t, frame, "-d"); !bytes.Equal(got, plain) {
				t.Errorf("%s, checksum %t: zstd -d gives %d bytes of %d, or others", name, checksum, len(got), len(plain))
			}
		}
		for _, args := range [][]string{{"-1"}, {"-19", "--check"}, {"-3", "--no-check"}} {
			if len(plain) > mib && args[0] == "-19" {
				continue // takes its time
			}
			if len(plain) > zst.Slack { // larger ones must say how much they hold, which zstd knows of a file
				args = append(args, fmt.Sprintf("--stream-size=%d", len(plain)))
			}
			frame := program(t, plain, args...)
			dst := make([]byte, len(plain))
			if err := dec.Fill(dst, frame); err != nil || !bytes.Equal(dst, plain) {
				t.Errorf("%s: Fill of a frame of zstd %q gives %v, or other bytes", name, args, err)
			}
		}
	}
}

// A frame says how much it holds, has a checksum or none, and comes behind what is there.
func TestAppend(t *testing.T) {
	plain := prose(3000)
	with, without := framed(true, plain), framed(false, plain)
	if len(with) != len(without)+4 {
		t.Errorf("with a checksum a frame has %d bytes, without one %d, want 4 less", len(with), len(without))
	}
	got := zst.NewEncoder(false).Append([]byte("before"), plain)
	if want := slices.Concat([]byte("before"), without); !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, want those before and a frame, %d", len(got), len(want))
	}
	const want = "the zstd frame holds 3000 bytes, must hold 2999"
	if err := zst.NewDecoder().Fill(make([]byte, 2999), without); err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

// As many goroutines as a pool has use one Encoder and one Decoder.
func TestSideBySide(t *testing.T) {
	enc, dec := zst.NewEncoder(true), zst.NewDecoder()
	var group sync.WaitGroup
	for seed := range byte(16) {
		group.Go(func() {
			plain := slices.Concat(prose(100*kib+int(seed)), noise(seed, 1000))
			frame, dst := enc.Append(nil, plain), make([]byte, len(plain))
			if err := dec.Fill(dst, frame); err != nil || !bytes.Equal(dst, plain) {
				t.Errorf("goroutine %d: %v, or other bytes", seed, err)
			}
		})
	}
	group.Wait()
}

// What is a frame, and what a stream of frames may begin with.
func TestIsFrame(t *testing.T) {
	for _, c := range []struct {
		bytes         []byte
		frame, stream bool
	}{
		{nil, false, false},
		{[]byte{0x28, 0xB5, 0x2F}, false, false},
		{[]byte{0x28, 0xB5, 0x2F, 0xFD}, true, true},
		{[]byte{0x29, 0xB5, 0x2F, 0xFD}, false, false},
		{[]byte{0x50, 0x2A, 0x4D, 0x18}, false, true},
		{[]byte{0x5F, 0x2A, 0x4D, 0x18}, false, true},
		{[]byte{0x60, 0x2A, 0x4D, 0x18}, false, false},
		{[]byte("metadata.json"), false, false},
	} {
		if zst.IsFrame(c.bytes) != c.frame || zst.IsStream(c.bytes) != c.stream {
			t.Errorf("%x: a frame %t, a stream %t", c.bytes, zst.IsFrame(c.bytes), zst.IsStream(c.bytes))
		}
	}
}
