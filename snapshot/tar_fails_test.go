package snapshot_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/vxsnap/vxsnap/snapshot"
)

func TestTarWriterRefuses(t *testing.T) {
	rows := small().rows(t, smallChunk)
	for _, c := range []struct {
		name string
		rows []snapshot.Row
		want string
	}{
		{"no rows", nil, "incomplete: no rows"},
		{"no end row", rows[:smallEnd], "incomplete: no end row after seq 14"},
		{"no metadata row", rows[1:], "row with seq 1 came where seq 0 must; a tar stream is written in order"},
		{"a gap", slices.Concat(rows[:3], rows[4:]), "row with seq 4 came where seq 3 must; a tar stream is written in order"},
		{"twice", slices.Concat(rows[:3], rows[2:]), "row with seq 2 came where seq 3 must; a tar stream is written in order"},
	} {
		w := snapshot.NewTarWriter(io.Discard)
		for i := range c.rows {
			if err := w.Add(&c.rows[i]); err != nil {
				break
			}
		}
		if err := w.Close(); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// An error of the writer comes out of Add or Close, whichever byte it hits.
func TestTarWriterFails(t *testing.T) {
	rows := small().rows(t, smallChunk)
	whole := writeTar(t, rows)
	for n := range len(whole) {
		w := snapshot.NewTarWriter(&failingWriter{n})
		for i := range rows {
			if w.Add(&rows[i]) != nil {
				break
			}
		}
		if err := w.Close(); !errors.Is(err, errDisk) {
			t.Fatalf("with room for %d of %d bytes: %v", n, len(whole), err)
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
