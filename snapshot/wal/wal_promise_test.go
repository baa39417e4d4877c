package wal_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot/wal"
)

// To read the headers of a long WAL can be interrupted.
func TestViewInterrupted(t *testing.T) {
	const frames = 1024
	log := make([]byte, 32)
	for range frames {
		log = append(log, frame(1, "saltsalt", make([]byte, 512))...)
	}
	h, _ := wal.ParseIndex(walIndex(512, frames, 1, 0, "saltsalt"))
	stop := errors.New("stop")
	if _, err := wal.NewView(bytes.NewReader(nil), bytes.NewReader(log), &h, func() error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want %v", err, stop)
	}
}
