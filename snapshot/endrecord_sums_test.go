package snapshot_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
)

// The checksums are what anybody computes who has split and sha256sum.
func TestEndRecord(t *testing.T) {
	shapes := []files{small(), {noise(1, 4096)}, {{}}, {noise(1, 512), indexImage(1, 54), indexImage(0, 0)}, {noise(1, 3<<20), indexImage(9, 9)}}
	for _, f := range shapes {
		for _, chunkSize := range []int{512, 1000, 1024, 4096, 1 << 20, 2<<20 + 1} {
			rows := f.rows(t, int64(chunkSize))
			text, want := rows[0].Metadata, object{"files": []any{}}
			for i := range f {
				i = (i + 1) % len(f) // the database is the last
				sum := testkit.Checksum(f[i], chunkSize)
				text += sum
				want["files"] = append(want["files"].([]any), object{"file_name": f.name(i), "checksum": sum})
			}
			want["checksum"] = digest([]byte(text))
			if diff := cmp.Diff(want, parse(t, rows[len(rows)-1].Metadata)); diff != "" {
				t.Errorf("%d files, chunks of %d: end record (-want +got):\n%s", len(f), chunkSize, diff)
			}
		}
	}
}

// Of an empty file there is one row without bytes: its digest is that of no bytes.
func TestEmptyFile(t *testing.T) {
	empty := digest(nil) // e3b0c442…
	sources := files{noise(1, 512), {}, indexImage(1, 3)}.sources()
	s := open(t, sources, snapshot.Options{ChunkSize: smallChunk, Digests: true})
	var seen int
	for more, err := s.Next(); more; more, err = s.Next() {
		if err != nil {
			t.Fatal(err)
		}
		r := s.Row()
		if r.FileName != "index_0.idx" {
			continue
		}
		seen++
		sum, ok := s.Digest()
		if r.Seq != 1 || r.Offset != 0 || r.Data == nil || len(r.Data) != 0 || !r.Last || !ok || sum.String() != empty {
			t.Errorf("got %+v with the digest %s, want seq 1, no bytes and %s", r, sum, empty)
		}
	}
	want := object{"file_name": "index_0.idx", "checksum": testkit.Checksum(nil, smallChunk)}
	if got := file(parse(t, s.Row().Metadata), 0); seen != 1 || !cmp.Equal(got, want) {
		t.Errorf("got %d rows and %v, want 1 and %v", seen, got, want)
	}
	const known = "5df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456" // sha256(sha256(""))
	if want["checksum"] != known {
		t.Errorf("got %s, want %s", want["checksum"], known)
	}
}

// Nothing in the text of the metadata row can change: the snapshot's checksum is
// over it, to the letter.
func TestEndRecordBindsMetadata(t *testing.T) {
	for _, c := range []struct{ old, new string }{
		{`"path":"/srv/app/live.db"`, `"path":"/srv/app/evil.db"`},
		{`"created_at":`, `"created_at":1`},
		{`"modified_at":1700000000123`, `"modified_at":1700000000124`},
		{`"table":"table_0"`, `"table":"table_1"`},
		{`{"version":1`, `{ "version":1`},
		{`{"version":1`, `{"more":2,"version":1`},
		{`}]}`, `}]} `},
	} {
		for _, order := range orders[:2] {
			rows := small().rows(t, smallChunk)
			if strings.Count(rows[0].Metadata, c.old) != 1 {
				t.Fatalf("%s has not once %s", rows[0].Metadata, c.old)
			}
			rows[0].Metadata = strings.Replace(rows[0].Metadata, c.old, c.new, 1)
			order.apply(rows)
			if got, want := verify(t, nil, rows), "the end record's checksum is "; !strings.HasPrefix(got, want) {
				t.Errorf("%s, %s: got %q, want %q", c.new, order.name, got, want)
			}
		}
	}
}

// An end record of the most bytes is read, also before the metadata; a longer one
// is refused at once.
func TestEndRecordLongest(t *testing.T) {
	for _, order := range orders[:2] {
		rows := small().rows(t, smallChunk)
		rows[smallEnd].Metadata = padded(rows[smallEnd].Metadata, snapshot.MaxMetadataSize)
		order.apply(rows)
		if got := verify(t, nil, rows); got != "ok" {
			t.Errorf("%s: %s", order.name, got)
		}
	}
	end := small().rows(t, smallChunk)[smallEnd:]
	end[0].Metadata = padded(end[0].Metadata, snapshot.MaxMetadataSize+1)
	if got, want := verify(t, nil, end), "the end record is 16777217 bytes long, at most 16777216 are read"; got != want {
		t.Errorf("alone: got %q, want %q", got, want)
	}
}
