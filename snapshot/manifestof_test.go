package snapshot_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

func tryManifest(rows []snapshot.Row) ([]byte, error) {
	m := snapshot.NewManifestMaker(nil, nil)
	defer m.Close()
	for i := range rows {
		if err := m.Add(&rows[i]); err != nil {
			return nil, err
		}
	}
	return m.Manifest()
}

// The manifest of rows is what the stream says; of rows that were cut, or where one is
// missing, it has those before, and an increment on it brings the others.
func TestManifestOfRows(t *testing.T) {
	s := open(t, small().sources(), snapshot.Options{ChunkSize: smallChunk, Digests: true})
	rows := collect(t, s)
	want, err := s.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range orders {
		some := slices.Clone(rows)
		order.apply(some)
		if got := manifest(t, some); !bytes.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", order.name, got, want)
		}
	}
	for lost := 1; lost <= smallEnd; lost++ {
		for _, some := range [][]snapshot.Row{rows[:lost], slices.Delete(slices.Clone(rows), lost, lost+1)} {
			got := manifest(t, some)
			if !bytes.Contains(got, []byte(`"snapshot_id":null`)) || !bytes.Equal(digestsOf(got), digestsOf(want)[:(lost-1)*32]) {
				t.Fatalf("without row %d: got %q", lost, got)
			}
			if more, _ := small().night(t, got, snapshot.CompressNothing); len(more) != smallEnd-lost+2 {
				t.Errorf("without row %d: the increment has %d rows", lost, len(more))
			}
		}
	}
}

func TestManifestOfRowsRefuses(t *testing.T) {
	rows := small().rows(t, smallChunk)
	other := slices.Clone(rows)
	other[5].Data = slices.Clone(other[5].Data)
	other[5].Data[0] ^= 1
	inc := tonight().increment(t, small(), 512)
	for name, c := range map[string]struct {
		rows []snapshot.Row
		want string
	}{
		"no rows":      {nil, "incomplete: no metadata row, which has seq 0"},
		"no metadata":  {rows[1:], "incomplete: no metadata row, which has seq 0"},
		"another byte": {other, "database.db: checksum mismatch: the end record says "},
		"an increment": {inc, "the rows are an increment on snap_"},
		"a row twice":  {append(slices.Clone(rows), rows[3]), "row with seq 3 came twice"},
	} {
		_, err := tryManifest(c.rows)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || !errors.Is(err, snapshot.ErrDamaged) && !errors.Is(err, snapshot.ErrIncomplete) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

// The manifest of files has their digests, in the order in which they are given.
func TestManifestOfFiles(t *testing.T) {
	f := files{noise(1, 3*mib), indexImage(1, 0), indexImage(1, 9)}
	got, err := snapshot.ManifestOf(f.sources(), snapshot.Options{ChunkSize: 4096})
	if err != nil {
		t.Fatal(err)
	}
	m, err := snapshot.ParseManifest(got)
	if err != nil || m.SnapshotID != nil || len(m.Files) != 3 {
		t.Fatalf("got %v, %v", m, err)
	}
	if want := digestsOf(manifest(t, f.rows(t, 4096))); !bytes.Equal(digestsOf(got), want) {
		t.Error("other digests than those of the rows")
	}
	if none, err := snapshot.ManifestOf(nil, snapshot.Options{}); err != nil || !strings.Contains(string(none), `"chunk_size":65536,`) {
		t.Errorf("of nothing: %s, %v", none, err)
	}
	stop := errors.New("stop")
	if _, err := snapshot.ManifestOf(f.sources(), snapshot.Options{Interrupted: func() error { return stop }}); !errors.Is(err, stop) {
		t.Errorf("interrupted: %v", err)
	}
}

// The digests of a manifest are kept once, 32 bytes each, and not copied.
func TestManifestMemory(t *testing.T) {
	const size = 256 * mib
	var blob []byte
	got := allocated(func() {
		var err error
		blob, err = snapshot.ManifestOf([]snapshot.Source{{File: snapshot.File{Name: "a", Size: size}, Reader: zeroReader{}}}, snapshot.Options{ChunkSize: 512})
		if err != nil {
			t.Fatal(err)
		}
	})
	const most = size/512*32 + 24*mib
	if got > most {
		t.Errorf("%d bytes for a manifest of %d, want %d at most", got, len(blob), most)
	}
}

// A manifest that could not be read back is not made.
func TestManifestOfLongNames(t *testing.T) {
	var sources []snapshot.Source
	part := strings.Repeat("<", 200) // six bytes each in JSON
	for i := range snapshot.MaxFiles {
		sources = append(sources, snapshot.Source{File: snapshot.File{Name: fmt.Sprint(part, "/", part, "/", i)}})
	}
	_, err := snapshot.ManifestOf(sources, snapshot.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "the first line of a manifest of 10000 files is ") {
		t.Error(err)
	}
	if _, err := snapshot.ManifestOf(sources[:5000], snapshot.Options{}); err != nil {
		t.Error(err)
	}
}
