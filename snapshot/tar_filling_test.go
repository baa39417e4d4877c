package snapshot_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Every byte counts that is not of a header: what fills an entry up must be zeros, which
// nothing else checks.
func TestTarFilling(t *testing.T) {
	whole := small().tar(t, snapshot.Options{ChunkSize: smallChunk})
	r := bytes.NewReader(whole)
	filled := 0
	for entries := tar.NewReader(r); ; {
		head, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		begin := len(whole) - r.Len() // archive/tar reads no further
		end := begin + int(head.Size)
		for at := begin; at < (end+511)/512*512; at++ {
			if at%50 != 0 && begin < at && at < end-1 {
				continue // TestTarDamaged takes all
			}
			whole[at] ^= 1
			rows, err := readTar(bytes.NewReader(whole))
			if err == nil && verify(t, nil, rows) == "ok" {
				t.Errorf("byte %d, of %s, is another: ok", at, head.Name)
			}
			want := "other bytes than zeros fill up the entry " + head.Name
			if at >= end && (err == nil || err.Error() != want || !errors.Is(err, snapshot.ErrDamaged)) {
				t.Errorf("byte %d is no zero:\n got %v\nwant %s", at, err, want)
			}
			if at >= end {
				filled++
				if _, err := readTar(iotest.OneByteReader(bytes.NewReader(whole))); err == nil || err.Error() != want {
					t.Errorf("byte %d is no zero, byte by byte: %v", at, err)
				}
			}
			whole[at] ^= 1
		}
	}
	if filled < 100 {
		t.Errorf("%d bytes fill entries up", filled)
	}
}
