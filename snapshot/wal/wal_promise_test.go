package wal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot/wal"
)

// To list the frames of a long WAL can be interrupted: before each 32 KiB.
func TestViewInterrupted(t *testing.T) {
	log := append(make([]byte, 32), frame(1, "saltsalt", make([]byte, 512))...)
	h, _ := wal.ParseIndex(walIndex(512, 1, 1, 0, "saltsalt"))
	stop := errors.New("stop")
	if _, err := wal.NewView(bytes.NewReader(nil), bytes.NewReader(log), &h, regionsOf(&log, 512), func() error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want %v", err, stop)
	}
}

// A WAL whose frames fill three regions of the wal-index, in which most pages are in
// each of them: a view of it at any length shows the last frame of every page.
func TestViewRegions(t *testing.T) {
	const size, pages, first, others = 512, 3000, 4062, 4096
	page := func(frame int) int { return frame*7919%pages + 1 } // in no order
	content := func(frame int) []byte { return bytes.Repeat([]byte{byte(frame >> 8), byte(frame)}, size/2) }
	log := make([]byte, 32)
	for i := range first + others + 100 {
		log = append(log, frame(uint32(page(i+1)), "saltsalt", content(i+1))...)
	}
	for _, frames := range []int{1, first - 1, first, first + 1, first + others - 1, first + others, first + others + 1, first + others + 100} {
		last := make(map[int]int) // by page
		for i := range frames {
			last[page(i+1)] = i + 1
		}
		h, _ := wal.ParseIndex(walIndex(size, uint32(frames), pages, 0, "saltsalt"))
		view, err := wal.NewView(bytes.NewReader(make([]byte, pages*size)), bytes.NewReader(log), &h, regionsOf(&log, size), never)
		if err != nil {
			t.Fatal(err)
		}
		if got := view.Frames(); got != len(last) {
			t.Errorf("%d frames: got %d pages, want %d", frames, got, len(last))
		}
		got := make([]byte, pages*size)
		if _, err := view.ReadAt(got, 0); err != nil {
			t.Fatal(err)
		}
		for i := range pages {
			want := make([]byte, size)
			if f := last[i+1]; f > 0 {
				want = content(f)
			}
			if b := got[i*size : (i+1)*size]; !bytes.Equal(b, want) {
				t.Fatalf("%d frames: page %d is of frame %d, want %d", frames, i+1, binary.BigEndian.Uint16(b), last[i+1])
			}
		}
	}
}
