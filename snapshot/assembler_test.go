package snapshot_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
)

// A rowOrder is a way in which rows may arrive.
type rowOrder struct {
	name  string
	apply func([]snapshot.Row)
}

// orders are ways in which the rows of a snapshot may arrive.
var orders = []rowOrder{
	{"in order", func([]snapshot.Row) {}},
	{"reversed", slices.Reverse[[]snapshot.Row]},
	{"shuffled", shuffle(1)},
	{"shuffled otherwise", shuffle(2)},
	{"metadata last", func(r []snapshot.Row) { rotate(r, 1) }},
	{"end first", func(r []snapshot.Row) { rotate(r, len(r)-1) }},
	{"second half first", func(r []snapshot.Row) { rotate(r, len(r)/2) }},
	{"neighbours swapped", func(r []snapshot.Row) {
		for i := 1; i+1 < len(r); i += 2 {
			r[i], r[i+1] = r[i+1], r[i]
		}
	}},
}

func shuffle(seed uint64) func([]snapshot.Row) {
	return func(r []snapshot.Row) {
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(r), func(i, j int) { r[i], r[j] = r[j], r[i] })
	}
}

// rotate puts the first n rows last.
func rotate(r []snapshot.Row, n int) { copy(r, append(slices.Clone(r[n:]), r[:n]...)) }

func TestRowsInAnyOrder(t *testing.T) {
	for _, order := range orders {
		t.Run(order.name, func(t *testing.T) {
			rows := small().rows(t, smallChunk)
			order.apply(rows)
			if got := verify(t, nil, rows); got != "ok" {
				t.Errorf("verify: %s", got)
			}
			dir := filepath.Join(t.TempDir(), "out")
			if _, err := restore(dir, snapshot.RestoreOptions{}, rows); err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir, small())
		})
	}
}

func TestChunkSizesAndEmptyFiles(t *testing.T) {
	shapes := []struct {
		name  string
		files files
	}{
		{"a database alone", files{noise(1, 10240)}},
		{"an empty database", files{{}}},
		{"an empty index", files{noise(1, 512), indexImage(0, 0)}},
		{"an empty database and two indexes", files{{}, indexImage(1, 54), indexImage(2, 1)}},
	}
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) {
			for _, chunkSize := range []int64{512, 513, 1023, 1024, 1025, 2039, 2040, 2041, snapshot.MaxChunkSize} {
				rows, want := shape.files.rows(t, chunkSize), int64(2)
				for _, b := range shape.files {
					want += max(1, (int64(len(b))+chunkSize-1)/chunkSize)
				}
				if got := int64(len(rows)); got != want {
					t.Errorf("chunk size %d: got %d rows, want %d", chunkSize, got, want)
				}
				shuffle(3)(rows)
				if got := verify(t, nil, rows); got != "ok" {
					t.Errorf("chunk size %d: %s", chunkSize, got)
				}
			}
		})
	}
}

// The rows are those of the table in the format's description.
func TestRowsOfAStream(t *testing.T) {
	rows := small().rows(t, smallChunk)
	if got, want := len(rows), smallEnd+1; got != want {
		t.Fatalf("got %d rows, want %d", got, want)
	}
	for seq, r := range rows {
		want := snapshot.Row{Seq: int64(seq), Kind: snapshot.KindChunk, FileName: "database.db", Offset: int64(seq-4) * smallChunk, Last: seq == 14}
		size := min(smallChunk, 10240-want.Offset)
		switch {
		case seq == 0:
			want, size = snapshot.Row{Kind: snapshot.KindMetadata}, 0
		case seq == smallEnd:
			want, size = snapshot.Row{Seq: smallEnd, Kind: snapshot.KindEnd, Last: true}, 0
		case seq < 4:
			want.FileName, want.Offset, want.Last = "index_0.idx", int64(seq-1)*smallChunk, seq == 3
			size = min(smallChunk, 2040-want.Offset)
		}
		if r.Seq != want.Seq || r.Kind != want.Kind || r.FileName != want.FileName || r.Offset != want.Offset || r.Last != want.Last || int64(len(r.Data)) != size {
			t.Errorf("row %d: got %+v, want %+v with %d bytes", seq, r, want, size)
		}
		if (r.Metadata != "") != (seq == 0 || seq == smallEnd) {
			t.Errorf("row %d has metadata %q", seq, r.Metadata)
		}
	}
}

func TestKindOf(t *testing.T) {
	for bits := range 32 {
		seq, name, offset, data, metadata := int64(bits>>4)*7, bits&1 != 0, bits&2 != 0, bits&4 != 0, bits&8 != 0
		got, err := snapshot.KindOf(seq, name, offset, data, metadata)
		if want, ok := map[int]snapshot.Kind{8: snapshot.KindMetadata, 7: snapshot.KindChunk, 16 + 7: snapshot.KindChunk, 16 + 8: snapshot.KindEnd}[bits]; ok {
			if got != want || err != nil {
				t.Errorf("KindOf(%05b): got %v, %v, want %v", bits, got, err, want)
			}
			continue
		}
		want := fmt.Sprintf("row with seq %d is neither a metadata row, a file row nor the end row: check which of its columns are NULL", seq)
		if err == nil || err.Error() != want {
			t.Errorf("KindOf(%05b): got %v, want %q", bits, err, want)
		}
	}
}

// A record that promises 2^62 bytes costs no memory and no disk space.
func TestHugeMetadataAllocatesNothing(t *testing.T) {
	for _, order := range []string{"in order", "reversed"} {
		t.Run(order, func(t *testing.T) {
			o := parse(t, smallMetadata(t))
			file(o, 0)["file_size"], file(o, 1)["file_size"] = int64(1)<<61, int64(1)<<61
			o["chunk_size"] = 512
			seal(o)
			metadata := encode(t, o)
			rows := []snapshot.Row{
				{Metadata: metadata},
				{Seq: 1<<53 + 1, Kind: snapshot.KindEnd, Last: true, Metadata: resealed(t, metadata, small().rows(t, smallChunk)[smallEnd].Metadata)},
			}
			if order == "reversed" {
				slices.Reverse(rows)
			}
			var verdict string
			var err error
			got := allocated(func() {
				verdict = verify(t, nil, rows)
				_, err = restore(filepath.Join(t.TempDir(), "out"), snapshot.RestoreOptions{}, rows)
			})

			const want = "index_0.idx: chunk missing at offset 0"
			if verdict != want || err == nil || err.Error() != want {
				t.Errorf("got %q and %v, want %q", verdict, err, want)
			}
			// A rowLog has two buffers of 1 MiB, for verify and for restore.
			if most := uint64(5 << 20); got > most {
				t.Errorf("allocated %d bytes, want at most %d", got, most)
			}
		})
	}
}

// An empty index may claim any M; no list of that size is made.
func TestHugeLinkListsAllocateNothing(t *testing.T) {
	b := indexImage(0, 0)
	const m = 1 << 27
	put := func(at int, v uint64) { binary.LittleEndian.PutUint64(b[at:], v) }
	put(24, 8*m+4+8) // size_per_element
	put(32, 8*m+4)   // label_offset
	put(40, 8*m+4)   // data_offset
	put(56, m)
	put(64, 2*m)
	put(72, m)
	put(80, math.Float64bits(1/math.Log(m)))
	var err error
	got := allocated(func() { _, err = hnsw.Check(bytes.NewReader(b), int64(len(b))) })
	if err != nil {
		t.Error(err)
	}
	if most := uint64(1 << 20); got > most {
		t.Errorf("allocated %d bytes, want at most %d", got, most)
	}
}
