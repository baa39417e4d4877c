package snapshot_test

import (
	"errors"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// A stream asks before each block that it reads.
func TestStreamInterrupted(t *testing.T) {
	stop := errors.New("stop")
	var interrupt error
	s := open(t, small().sources(), snapshot.Options{ChunkSize: smallChunk, Interrupted: func() error { return interrupt }})
	if _, err := s.Next(); err != nil {
		t.Fatal(err)
	}
	interrupt = stop
	if _, err := s.Next(); !errors.Is(err, stop) {
		t.Errorf("got %v, want %v", err, stop)
	}
}
