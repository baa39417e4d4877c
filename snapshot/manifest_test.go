package snapshot_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
)

// The manifest is a line of JSON and the digest of every chunk, in seq order; it is
// there at the end row, and not before.
func TestManifest(t *testing.T) {
	shapes := []files{small(), {noise(1, 4*mib), indexImage(1, 3), indexImage(0, 0)}, {{}}}
	for _, f := range shapes {
		s := open(t, f.sources(), snapshot.Options{ChunkSize: smallChunk, Digests: true})
		var digests []byte
		for more, err := s.Next(); more; more, err = s.Next() {
			if err != nil {
				t.Fatal(err)
			}
			r := s.Row()
			sum, ok := s.Digest()
			if ok != (r.Kind == snapshot.KindChunk) {
				t.Fatalf("row %d has a digest: %t", r.Seq, ok)
			}
			if ok {
				if want := sha256.Sum256(r.Data); sum != want {
					t.Fatalf("row %d: got the digest %s, want %x", r.Seq, sum, want)
				}
				digests = append(digests, sum[:]...)
			}
			if m, err := s.Manifest(); (err == nil) != (r.Kind == snapshot.KindEnd) {
				t.Fatalf("row %d: got a manifest of %d bytes, %v", r.Seq, len(m), err)
			}
		}
		manifest, err := s.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		line, rest, _ := bytes.Cut(manifest, []byte("\n"))
		if !bytes.Equal(rest, digests) {
			t.Errorf("%d bytes follow the line, want the digests of the rows, %d bytes", len(rest), len(digests))
		}
		metadata, end := s.Metadata(), parse(t, s.Row().Metadata)
		want := object{"version": 1, "chunk_size": smallChunk, "snapshot_id": metadata.SnapshotID, "checksum": end["checksum"], "files": []any{}}
		for i, file := range metadata.Files {
			sum := end["files"].([]any)[i].(object)["checksum"]
			want["files"] = append(want["files"].([]any), object{"file_name": file.Name, "file_size": file.Size, "checksum": sum})
		}
		if diff := cmp.Diff(parse(t, encode(t, want)), parse(t, string(line))); diff != "" {
			t.Errorf("the line (-want +got):\n%s", diff)
		}
	}
}

// Digests are kept only for who asks for them: 32 bytes each.
func TestManifestNotAskedFor(t *testing.T) {
	s := open(t, small().sources(), snapshot.Options{ChunkSize: smallChunk})
	collect(t, s)
	const want = "the manifest is known at the end row, where Options.Digests was set"
	if m, err := s.Manifest(); m != nil || err == nil || err.Error() != want {
		t.Errorf("got %q, %v, want %q", m, err, want)
	}
	if _, ok := s.Digest(); ok {
		t.Error("the end row has a digest")
	}
	const chunks = 32 * mib / 512
	kept := make(map[bool]int64)
	for _, asked := range []bool{false, true} {
		sources, _ := metered(32 * mib)
		before := heap()
		s := open(t, sources, snapshot.Options{ChunkSize: 512, Digests: asked})
		err := s.Each(func(r *snapshot.Row) error {
			if r.Seq == chunks {
				kept[asked] = heap() - before
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	if got, want := kept[true]-kept[false], int64(chunks*32); got < want*3/4 || got > want*2 {
		t.Errorf("the digests of %d chunks cost %d bytes, want about %d, and only who asks for them", chunks, got, want)
	}
}

// There is no digest before the first row, nor after Close.
func TestDigestOfNoRow(t *testing.T) {
	s := open(t, small().sources(), snapshot.Options{ChunkSize: smallChunk})
	if _, ok := s.Digest(); ok {
		t.Error("there is one before the first row")
	}
	for range 3 {
		if _, err := s.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := s.Digest(); !ok {
		t.Error("a chunk has none")
	}
	s.Close()
	if _, ok := s.Digest(); ok {
		t.Error("there is one after Close")
	}
}
