package snapshot_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/vxsnap/vxsnap/snapshot"
)

// An error of the writer comes out of WriteTo, whichever byte it hits.
func TestTarWriterFails(t *testing.T) {
	whole := small().tar(t, snapshot.Options{ChunkSize: smallChunk})
	for n := range len(whole) {
		s := open(t, small().sources(), snapshot.Options{ChunkSize: smallChunk})
		written, err := s.Tar().WriteTo(&failingWriter{n})
		if !errors.Is(err, errDisk) || written != int64(n) {
			t.Fatalf("with room for %d of %d bytes: %d, %v", n, len(whole), written, err)
		}
	}
}

type failingWriter struct{ room int }

func (w *failingWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.room)
	w.room -= n
	if n < len(p) {
		return n, errDisk
	}
	return n, nil
}

func TestTarReaderFails(t *testing.T) {
	whole := writeTar(t, small().rows(t, smallChunk))
	for n := range len(whole) {
		r := io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(errDisk))
		if _, err := readTar(r); !errors.Is(err, errDisk) {
			t.Fatalf("failing after %d of %d bytes: %v", n, len(whole), err)
		}
	}
}
