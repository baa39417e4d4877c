package snapshot_test

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// packed are the options of a stream whose rows are frames.
func packed(chunkSize int64) snapshot.Options {
	return snapshot.Options{ChunkSize: chunkSize, Compress: snapshot.CompressChunks}
}

// packedRows exports files as rows.
func (f files) packedRows(t testing.TB, chunkSize int64) rows {
	t.Helper()
	s, err := snapshot.Open(f.sources(), packed(chunkSize))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return collect(t, s)
}

// prose is n bytes that are made shorter.
func prose(n int) []byte {
	b := make([]byte, 0, n+16)
	for _, r := range noise(5, n/4) {
		b = fmt.Appendf(b, "row %d of %d, ", r%32, r%7)
		if len(b) >= n {
			break
		}
	}
	return b[:n:n]
}

// mixed has megabytes that are made shorter and some that are not, by turns, and an index.
func mixed() files {
	var database []byte
	for i := range byte(5) {
		database = slices.Concat(database, prose(700<<10), noise(i, 300<<10))
	}
	return files{append(database, make([]byte, 512)...), indexImage(2, 30000)}
}

// plainOf is the row as it would be without compression.
func plainOf(t testing.TB, r snapshot.Row, length int) snapshot.Row {
	t.Helper()
	if r.Kind == snapshot.KindChunk && len(r.Data) < length {
		data := make([]byte, length)
		if err := zst.NewDecoder().Fill(data, r.Data); err != nil {
			t.Fatalf("the row with seq %d: %v", r.Seq, err)
		}
		r.Data = data
	}
	return r
}

// How rows travel is no part of the snapshot: their bytes, digests and checksums are the
// same. A row is a frame where that is shorter, and as long as its place where it is not.
func TestPackedRows(t *testing.T) {
	f := mixed()
	for _, chunkSize := range []int64{512, 65536, 100000, mib, 3 * mib, 16 * mib} {
		plain := open(t, f.sources(), snapshot.Options{ChunkSize: chunkSize})
		s := open(t, f.sources(), packed(chunkSize))
		metadata := ""
		enc, frames, places := zst.NewEncoder(false), 0, 0
		for {
			more, err := plain.Next()
			if other, err := s.Next(); err != nil || more != other {
				t.Fatalf("chunks of %d: %t, %v", chunkSize, other, err)
			}
			if err != nil || !more {
				break
			}
			want, got := plain.Row(), s.Row()
			if got.Kind == snapshot.KindMetadata {
				metadata = got.Metadata
			}
			if want.Kind != snapshot.KindChunk {
				continue
			}
			places++
			frame := enc.Append(nil, want.Data)
			switch {
			case len(frame) < len(want.Data) && bytes.Equal(got.Data, frame):
				frames++
			case len(frame) >= len(want.Data) && bytes.Equal(got.Data, want.Data):
			default:
				t.Fatalf("chunks of %d, seq %d: %d bytes of data, want a frame of %d or the %d themselves", chunkSize, got.Seq, len(got.Data), len(frame), len(want.Data))
			}
			if p := plainOf(t, *got, len(want.Data)); p.Seq != want.Seq || p.FileName != want.FileName || p.Offset != want.Offset || p.Last != want.Last || !bytes.Equal(p.Data, want.Data) {
				t.Fatalf("chunks of %d, seq %d: another row", chunkSize, got.Seq)
			}
			a, _ := plain.Digest()
			if b, ok := s.Digest(); !ok || a != b {
				t.Errorf("chunks of %d, seq %d: digest %s, want %s", chunkSize, got.Seq, b, a)
			}
		}
		if frames == 0 || chunkSize < mib && frames == places {
			t.Errorf("chunks of %d: %d of %d rows are frames", chunkSize, frames, places)
		}
		same := *s.Metadata()
		same.SnapshotID, same.CreatedAt = plain.Metadata().SnapshotID, plain.Metadata().CreatedAt
		if diff := cmp.Diff(*plain.Metadata(), same); diff != "" {
			t.Errorf("chunks of %d: other metadata: %s", chunkSize, diff)
		}
		a, b := parse(t, plain.Row().Metadata), parse(t, s.Row().Metadata)
		for i := range f {
			if file(a, i)["checksum"] != file(b, i)["checksum"] {
				t.Errorf("chunks of %d: %v has the checksum %v, want %v", chunkSize, file(b, i)["file_name"], file(b, i)["checksum"], file(a, i)["checksum"])
			}
		}
		if want := parse(t, resealed(t, metadata, s.Row().Metadata)); want["checksum"] != b["checksum"] {
			t.Errorf("chunks of %d: the snapshot's checksum is not over its metadata and its files", chunkSize)
		}
	}
}

// The row of a frame waits for it, with one goroutine too.
func TestPackedRowWaits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, r := range (files{prose(8 * mib)}).packedRows(t, mib) {
		if r.Kind == snapshot.KindChunk && len(r.Data) >= mib {
			t.Errorf("the row at offset %d is not a frame", r.Offset)
		}
	}
}
