package snapshot_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Any bytes give rows that verify and restore judge alike, or an error.
func FuzzReadTar(f *testing.F) {
	want := small().rows(f, smallChunk)
	whole := writeTar(f, want)
	f.Add(whole)
	f.Add(whole[:2048])
	f.Add(writeTar(f, small()[:1].rows(f, 1000)))
	f.Fuzz(func(t *testing.T, in []byte) {
		rows, err := readTar(bytes.NewReader(in))
		if err != nil {
			if !isOneLine(err.Error()) {
				t.Errorf("error %q", err)
			}
			return
		}
		verdict := verify(t, nil, rows)
		dir := filepath.Join(t.TempDir(), "out")
		if _, err := restore(dir, snapshot.RestoreOptions{FS: hastyFS{snapshot.OS}}, rows); (err == nil) != (verdict == "ok") {
			t.Errorf("verify says %q, restore %v", verdict, err)
		}
		if verdict == "ok" {
			again, err := readTar(bytes.NewReader(writeTar(t, rows)))
			if err != nil || !slices.Equal(essence(again), essence(rows)) {
				t.Errorf("written again, other rows are read: %v", err)
			}
		}
	})
}
