package snapshot_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Any bytes give rows that verify and restore judge alike, or an error of one line that
// names the file; and what they cost is what comes out of them.
func FuzzReadSaved(f *testing.F) {
	for _, some := range []files{tiny(), tiny()[:1], {nil}} {
		for _, whole := range some.compressions(f, 512) {
			f.Add(whole)
			f.Add(append(slices.Clone(whole), make([]byte, 512)...))
			f.Add(whole[:len(whole)/2])
		}
	}
	plain := tiny().tar(f, snapshot.Options{ChunkSize: 700})
	f.Add(through(f, plain, "zstd", "-19", "-c"))
	f.Add(through(f, plain, "zstd", "-1", "-c", "--no-check", "-"))
	f.Add([]byte("\x50\x2a\x4d\x18\x03\x00\x00\x00abc"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var came int64
		var err error
		took := allocated(func() { came, err = countSaved(in) })
		if took > 128<<20+8*uint64(came) {
			t.Errorf("%d bytes, of which %d came, took %d of memory", len(in), came, took)
		}
		if err != nil {
			if !isOneLine(err.Error()) || !strings.HasPrefix(err.Error(), "'x.tar': ") {
				t.Errorf("error %q", err)
			}
			return
		}
		if came > 16<<20 {
			return // to keep it all costs more than it tells
		}
		rows, err := savedRows(bytes.NewReader(in))
		if err != nil {
			t.Fatalf("read again: %v", err)
		}
		verdict := verify(t, nil, rows)
		dir := filepath.Join(t.TempDir(), "out")
		if _, err := restore(dir, snapshot.RestoreOptions{FS: hastyFS{snapshot.OS}}, rows); (err == nil) != (verdict == "ok") || err != nil && err.Error() != verdict {
			t.Errorf("verify says %q, restore %v", verdict, err)
		}
		if verdict == "ok" {
			again, err := savedRows(bytes.NewReader(writeTar(t, rows)))
			if err != nil || !slices.Equal(essence(again), essence(rows)) {
				t.Errorf("written again, other rows are read: %v", err)
			}
		}
	})
}

// countSaved reads a saved file and keeps nothing.
func countSaved(in []byte) (bytesOfRows int64, err error) {
	s := snapshot.NewSavedReader(bytes.NewReader(in), "x.tar", nil, nil)
	defer s.Close()
	for {
		more, err := s.Next()
		if err != nil || !more {
			return bytesOfRows, err
		}
		bytesOfRows += int64(len(s.Row().Data) + len(s.Row().Metadata))
	}
}
