package snapshot_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

type rows = []snapshot.Row

// Each case breaks the rows of small() in one way. Verify says the sentence,
// restore fails with the same one and leaves nothing behind.
func TestDamage(t *testing.T) {
	// change makes a case that changes the row with a seq.
	change := func(seq int, f func(r *snapshot.Row)) func(testing.TB, rows) rows {
		return func(_ testing.TB, r rows) rows { f(&r[seq]); return r }
	}
	drop := func(from, to int) func(testing.TB, rows) rows {
		return func(_ testing.TB, r rows) rows { return slices.Delete(r, from, to+1) }
	}
	with := func(more snapshot.Row) func(testing.TB, rows) rows {
		return func(_ testing.TB, r rows) rows { return append(r, more) }
	}
	record := func(f func(object)) func(testing.TB, rows) rows {
		return func(t testing.TB, r rows) rows {
			o := parse(t, r[0].Metadata)
			f(o)
			seal(o)
			r[0].Metadata = encode(t, o)
			r[smallEnd].Metadata = resealed(t, r[0].Metadata, r[smallEnd].Metadata)
			return r
		}
	}
	mismatch := func(name string, whole []byte, at int) string {
		other := slices.Clone(whole)
		other[at] ^= 1
		return fmt.Sprintf("%s: checksum mismatch: the end record says %s, the rows give %s", name, testkit.Checksum(whole, smallChunk), testkit.Checksum(other, smallChunk))
	}
	whole := small()

	for _, c := range []struct {
		name   string
		damage func(testing.TB, rows) rows
		want   string
	}{
		{"no rows", drop(0, 15), "incomplete: no rows"},
		{"no metadata", drop(0, 0), "incomplete: no metadata row, which has seq 0"},
		{"no end row", drop(15, 15), "incomplete: no end row after seq 14"},
		{"cut off in the database", drop(5, 15), "incomplete: no end row after seq 4"},
		{"metadata alone", drop(1, 15), "incomplete: no end row after seq 0"},
		{"end row alone", drop(0, 14), "incomplete: no metadata row, which has seq 0"},
		{"first chunk missing", drop(1, 1), "index_0.idx: chunk missing at offset 0"},
		{"chunk missing", drop(7, 7), "database.db: chunk missing at offset 3000"},
		{"all chunks missing", drop(1, 14), "index_0.idx: chunk missing at offset 0"},
		{"database missing", drop(4, 14), "database.db: chunk missing at offset 0"},
		{"last chunk missing", drop(14, 14), "database.db: chunk missing at offset 10000"},

		{"flipped bit", change(7, func(r *snapshot.Row) { r.Data[0] ^= 1 }), mismatch("database.db", whole[0], 3000)},
		{"flipped bit at the end", change(14, func(r *snapshot.Row) { r.Data[239] ^= 1 }), mismatch("database.db", whole[0], 10239)},
		{"flipped bit in the index", change(3, func(r *snapshot.Row) { r.Data[3] ^= 1 }), mismatch("index_0.idx", whole[1], 2003)},
		{"chunk cut short", change(7, func(r *snapshot.Row) { r.Data = r.Data[:99] }), "database.db: row with seq 7 has 99 bytes of data, must have 1000 or be a zstd frame"},
		{"chunk empty", change(7, func(r *snapshot.Row) { r.Data = nil }), "database.db: row with seq 7 has 0 bytes of data, must have 1000 or be a zstd frame"},
		{"chunk too long", change(14, func(r *snapshot.Row) { r.Data = make([]byte, 241) }), "database.db: row with seq 14 has 241 bytes of data, must have 240"},
		{"offset wrong", change(7, func(r *snapshot.Row) { r.Offset = 3001 }), "database.db: row with seq 7 has offset 3001, must be 3000"},
		{"offset negative", change(7, func(r *snapshot.Row) { r.Offset = -3000 }), "database.db: row with seq 7 has offset -3000, must be 3000"},
		{"offset outside", change(7, func(r *snapshot.Row) { r.Offset = 1 << 62 }), "database.db: row with seq 7 has offset 4611686018427387904, must be 3000"},
		{"other file", change(7, func(r *snapshot.Row) { r.FileName = "index_0.idx" }), "row with seq 7 has file_name 'index_0.idx', must be 'database.db'"},
		{"undeclared file", change(7, func(r *snapshot.Row) { r.FileName = "extra" }), "row with seq 7 has file_name 'extra', must be 'database.db'"},
		{"file outside", change(7, func(r *snapshot.Row) { r.FileName = "../x" }), "row with seq 7 has file_name '../x', which" + badName},
		{"is_last too early", change(7, func(r *snapshot.Row) { r.Last = true }), "database.db: row with seq 7 has is_last 1, must be 0"},
		{"is_last missing", change(14, func(r *snapshot.Row) { r.Last = false }), "database.db: row with seq 14 has is_last 0, must be 1"},
		{"end row not last", change(15, func(r *snapshot.Row) { r.Last = false }), "the end row, with seq 15, has is_last 0, must be 1"},
		{"metadata row last", change(0, func(r *snapshot.Row) { r.Last = true }), "the metadata row has is_last 1, must be 0"},
		{"end row in the middle", change(7, func(r *snapshot.Row) { *r = snapshot.Row{Seq: 7, Kind: snapshot.KindEnd, Last: true} }),
			"row with seq 7 must hold bytes of database.db, but has no file_name"},
		{"chunk for the end row", change(15, func(r *snapshot.Row) { r.Kind, r.FileName = snapshot.KindChunk, "extra" }),
			"row with seq 15 must be the end row, but has a file_name"},
		{"chunk with seq 0", change(0, func(r *snapshot.Row) { *r = snapshot.Row{Kind: snapshot.KindChunk, FileName: "database.db"} }),
			"row with seq 0: the metadata row, and only that, has seq 0"},
		{"end row with seq 0", with(snapshot.Row{Kind: snapshot.KindEnd, Last: true}), "row with seq 0: the metadata row, and only that, has seq 0"},
		{"metadata with seq 7", change(7, func(r *snapshot.Row) { r.Kind = snapshot.KindMetadata }), "row with seq 7: the metadata row, and only that, has seq 0"},
		{"seq negative", change(7, func(r *snapshot.Row) { r.Seq = -7 }), "a row has seq -7, must not be negative"},
		{"chunk twice", with(whole.rows(t, smallChunk)[7]), "row with seq 7 came twice; are these the rows of one snapshot?"},
		{"end row twice", with(whole.rows(t, smallChunk)[15]), "row with seq 15 came twice; are these the rows of one snapshot?"},
		{"metadata twice", with(whole.rows(t, smallChunk)[0]), "row with seq 0 came twice; are these the rows of one snapshot?"},
		{"row behind the end", with(snapshot.Row{Seq: 16, Kind: snapshot.KindEnd, Last: true}), "row with seq 16 is behind the end row, which has seq 15"},
		{"row far behind the end", with(snapshot.Row{Seq: 1<<63 - 1, Kind: snapshot.KindChunk, FileName: "database.db"}),
			"row with seq 9223372036854775807 is behind the end row, which has seq 15"},
		{"metadata not JSON", change(0, func(r *snapshot.Row) { r.Metadata = "x" }),
			"metadata is not a JSON object: invalid character 'x' looking for beginning of value"},
		{"metadata of another chunk size", record(func(o object) { o["chunk_size"] = 990 }), "index_0.idx: row with seq 1 has 1000 bytes of data, must have 990"},
		{"metadata of a shorter database", record(func(o object) { file(o, 1)["file_size"] = 5120 }), "database.db: row with seq 9 has 1000 bytes of data, must have 120"},
		{"metadata of other elements", record(func(o object) { file(o, 0)["elements"] = 4 }), "index_0.idx: metadata says 4 elements, the index has 54"},
		{"metadata of other max_elements", record(func(o object) { file(o, 0)["max_elements"] = 4 }), "index_0.idx: metadata says max_elements 4, the index has 64"},
		{"row of another snapshot", func(t testing.TB, r rows) rows {
			other := files{noise(9, 10240), indexImage(2, 54)}
			r[7] = other.rows(t, smallChunk)[7]
			return r
		}, "database.db: checksum mismatch: the end record says " + testkit.Checksum(whole[0], smallChunk) + ", the rows give " +
			testkit.Checksum(slices.Concat(whole[0][:3000], noise(9, 10240)[3000:4000], whole[0][4000:]), smallChunk)},
		{"two snapshots one after the other", func(t testing.TB, r rows) rows {
			return append(r, files{noise(9, 10240), indexImage(9, 54)}.rows(t, smallChunk)...)
		}, "row with seq 0 came twice; are these the rows of one snapshot?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			damaged := c.damage(t, small().rows(t, smallChunk))
			if got := verify(t, nil, damaged); got != c.want {
				t.Errorf("verify\n got %q\nwant %q", got, c.want)
			}
			parent := t.TempDir()
			_, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{}, damaged)
			if err == nil {
				t.Fatalf("restore succeeded, want %q", c.want)
			}
			if err.Error() != c.want || !isOneLine(err.Error()) {
				t.Errorf("restore\n got %q\nwant %q", err, c.want)
			}
			missing := strings.HasPrefix(c.want, "incomplete") || strings.Contains(c.want, "chunk missing")
			if got := errors.Is(err, snapshot.ErrIncomplete); got != missing || errors.Is(err, snapshot.ErrDamaged) == missing {
				t.Errorf("%q is ErrIncomplete: %t, want %t, and ErrDamaged otherwise", err, got, missing)
			}
			if left := list(t, parent); len(left) != 0 {
				t.Errorf("restore left %q", left)
			}
		})
	}
}

// Where rows arrive in another order, another sentence may come first, but
// damage stays damage.
func TestDamageInAnyOrder(t *testing.T) {
	for _, order := range orders {
		for seq := range smallEnd + 1 {
			for _, c := range []struct {
				name   string
				damage func(rows) rows
			}{
				{"missing", func(r rows) rows { return slices.Delete(r, seq, seq+1) }},
				{"twice", func(r rows) rows { return append(r, r[seq]) }},
				{"is_last", func(r rows) rows { r[seq].Last = !r[seq].Last; return r }},
				{"seq", func(r rows) rows { r[seq].Seq += 16; return r }},
				{"bit", func(r rows) rows {
					if r[seq].Kind != snapshot.KindChunk {
						return slices.Delete(r, seq, seq+1)
					}
					r[seq].Data[len(r[seq].Data)/2] ^= 0x80
					return r
				}},
			} {
				damaged := c.damage(small().rows(t, smallChunk))
				order.apply(damaged)
				if got := verify(t, nil, damaged); got == "ok" || !isOneLine(got) {
					t.Errorf("%s, row %d %s: verify says %q", order.name, seq, c.name, got)
				}
			}
		}
	}
}

// Rows whose columns cannot be read count as damage, unless there was some before.
func TestVerifierFail(t *testing.T) {
	for _, c := range []struct{ first, want string }{
		{"", "row 3 is odd"},
		{"a row has seq -1, must not be negative", "a row has seq -1, must not be negative"},
	} {
		v := snapshot.NewVerifier(vectorlite.Check, nil, nil)
		if c.first != "" {
			if err := v.Add(&snapshot.Row{Seq: -1}); err != nil {
				t.Error(err)
			}
		}
		v.Fail(fault.Damaged("row %d is odd", 3))
		if got, err := v.Result(); got != c.want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, c.want)
		}
		v.Close()
	}
}
