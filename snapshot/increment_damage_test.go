package snapshot_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Each case breaks the end record of an increment of two rows.
func TestIncrementDamage(t *testing.T) {
	old := small()
	next := small()
	copy(next[0][2048:], "other")
	copy(next[0][9000:], "bytes")
	for _, c := range []struct {
		name   string
		change func(o object)
		want   string
	}{
		{"no base", func(o object) { delete(o, "base") }, "the end record has some of the fields base, rows and carried, must have all of them or none"},
		{"no rows", func(o object) { o["rows"] = nil }, "the end record has some of the fields base, rows and carried, must have all of them or none"},
		{"no carried", func(o object) { delete(o, "carried") }, "the end record has some of the fields base, rows and carried, must have all of them or none"},
		{"none of them", func(o object) { delete(o, "base"); delete(o, "rows"); delete(o, "carried") }, "index_0.idx: chunk missing at offset 0"},
		{"base a text", func(o object) { o["base"] = "x" }, "the end record's base is not a JSON object: got a JSON string"},
		{"base without checksum", func(o object) { delete(o["base"].(object), "checksum") }, "the end record's base lacks the field checksum"},
		{"base with another case", func(o object) { o["base"] = object{"Checksum": zeros} }, "the end record's base lacks the field checksum"},
		{"base with a short checksum", func(o object) { o["base"].(object)["checksum"] = "12" }, "the end record's base has a field that cannot be read: checksum must be 64 lower-case hex digits, got '12'"},
		{"base of another id", func(o object) { o["base"].(object)["snapshot_id"] = "a\nb" }, "the end record's base has the snapshot_id 'a?b', which is not one"},
		{"rows too few", func(o object) { o["rows"] = 1 }, "index_0.idx: chunk missing at offset 0, where the rows are more than the 1 of an increment"},
		{"rows too many", func(o object) { o["rows"] = 3 }, "incomplete: 2 of the 3 rows of an increment"},
		{"rows below zero", func(o object) { o["rows"] = -1 }, "the end record's rows is -1, the snapshot has 14 file rows"},
		{"rows of none", func(o object) { o["rows"] = 15 }, "the end record's rows is 15, the snapshot has 14 file rows"},
		{"rows a fraction", func(o object) { o["rows"] = 1.5 }, "the end record has a field that cannot be read: "},
		{"carried", func(o object) { o["carried"] = zeros }, "the increment's checksum of its rows is " + zeros + ", the rows give "},
		{"no id", func(o object) { o["base"].(object)["snapshot_id"] = nil }, "ok, with base the files of checksum "},
		{"a field more", func(o object) { o["base"].(object)["more"] = 1 }, "ok, with base snap_"},
	} {
		rows := next.increment(t, old, smallChunk)
		end := &rows[len(rows)-1]
		o := parse(t, end.Metadata)
		c.change(o)
		end.Metadata = encode(t, o)
		if got := verdict(t, rows, nil); !strings.HasPrefix(got, c.want) || !isOneLine(got) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// Rows that were changed, and a base whose bytes were, are told apart: the first by
// carried, whether the base is there or not.
func TestIncrementOfOtherRows(t *testing.T) {
	rows := tonight().increment(t, small(), 512)
	for i := range rows {
		if rows[i].Kind == snapshot.KindChunk {
			rows[i].Data[0] ^= 1
			break
		}
	}
	for _, base := range []snapshot.Base{nil, small().base()} {
		if got := verdict(t, rows, base); !strings.HasPrefix(got, "the increment's checksum of its rows is ") {
			t.Error(got)
		}
	}
}

// What an increment says of itself costs nothing: a database of 2^60 bytes, all of which
// its base should have.
func TestIncrementThatLies(t *testing.T) {
	const size = 1 << 60
	o := parse(t, small()[:1].rows(t, 512)[0].Metadata)
	o["total_size"], file(o, 0)["file_size"], file(o, 0)["page_size"] = size, size, 65536
	metadata := encode(t, o)
	end := encode(t, object{"files": []any{object{"file_name": "database.db", "checksum": zeros}}, "rows": 0,
		"base": object{"checksum": zeros}, "carried": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"})
	rows := []snapshot.Row{
		{Kind: snapshot.KindMetadata, Metadata: metadata},
		{Kind: snapshot.KindEnd, Seq: size/512 + 1, Last: true, Metadata: resealed(t, metadata, end)},
	}
	for name, want := range map[string]string{
		"alone": "ok, with base the files of checksum " + zeros,
		"base":  "database.db of the base has 10240 bytes, of which the rows leave out those up to 1048576; the increment is on the files of checksum " + zeros + ", and base_directory differs now: take an increment on vx_snapshot_manifest(base_directory)",
	} {
		base := map[string]snapshot.Base{"base": small().base()}[name]
		var got string
		if took := allocated(func() { got = verdict(t, rows, base) }); took > 4*mib {
			t.Errorf("%s: it took %d bytes", name, took)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// A manifest that says something else than its digests is refused, and costs what it has.
func TestParseManifest(t *testing.T) {
	whole := manifest(t, small().rows(t, smallChunk))
	for _, c := range []struct {
		name   string
		change func(o object)
		want   string
	}{
		{"as it is", func(object) {}, ""},
		{"version", func(o object) { o["version"] = 2 }, "the manifest's version is 2, must be 1"},
		{"small chunks", func(o object) { o["chunk_size"] = 511 }, "the manifest's chunk_size is 511, must be from 512 to 268435456"},
		{"large chunks", func(o object) { o["chunk_size"] = 1 << 40 }, "the manifest's chunk_size is 1099511627776, must be from 512 to 268435456"},
		{"other chunks", func(o object) { o["chunk_size"] = 2000 }, "the manifest's digests of index_0.idx do not give its checksum "},
		{"no checksum", func(o object) { delete(o, "checksum") }, "the manifest lacks the field checksum"},
		{"no files", func(o object) { o["files"] = []any{} }, "the manifest has 448 bytes of digests, its files have 0"},
		{"a file less", func(o object) { o["files"] = o["files"].([]any)[:1] }, "the manifest has 448 bytes of digests, its files have 96"},
		{"a file twice", func(o object) { file(o, 1)["file_name"] = "index_0.idx" }, "the manifest's files[1]: file_name 'index_0.idx' is there twice, or not allowed"},
		{"a name that leaves", func(o object) { file(o, 1)["file_name"] = "../x" }, "the manifest's files[1]: file_name '../x' is there twice, or not allowed"},
		{"a huge file", func(o object) { file(o, 1)["file_size"] = 1 << 60 }, "the manifest has 14 digests, too few for its files"},
		{"a file of all bytes", func(o object) { file(o, 1)["file_size"] = int64(1<<63 - 1) }, "the manifest's files[1]: file_size is 9223372036854775807, which no file has"},
		{"a file below nothing", func(o object) { file(o, 1)["file_size"] = -1 }, "the manifest's files[1]: file_size is -1, which no file has"},
		{"another checksum", func(o object) { file(o, 1)["checksum"] = zeros }, "the manifest's digests of database.db do not give its checksum " + zeros},
		{"an id", func(o object) { o["snapshot_id"] = "../x" }, "the manifest's snapshot_id is '../x', which is not one"},
		{"of a directory", func(o object) { o["snapshot_id"] = nil }, "the manifest's checksum is "},
	} {
		_, digests := cutLine(whole)
		line, _ := cutLine(whole)
		o := parse(t, line)
		c.change(o)
		blob := append([]byte(encode(t, o)+"\n"), digests...)
		var err error
		if took := allocated(func() { _, err = snapshot.ParseManifest(blob) }); took > mib {
			t.Errorf("%s: it took %d bytes", c.name, took)
		}
		if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.HasPrefix(got, c.want) && err != nil || c.want != "" && err == nil {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	for name, blob := range map[string][]byte{"nothing": nil, "no line": whole[:20], "a byte less": whole[:len(whole)-1], "a byte more": append(whole[:len(whole):len(whole)], 0)} {
		if _, err := snapshot.ParseManifest(blob); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func cutLine(manifest []byte) (string, []byte) {
	line, digests, _ := strings.Cut(string(manifest), "\n")
	return line, []byte(digests)
}

// An increment is no tar file, and has the chunks of its base.
func TestIncrementRefuses(t *testing.T) {
	base, err := snapshot.ParseManifest(manifest(t, small().rows(t, smallChunk)))
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, small().sources(), snapshot.Options{ChunkSize: smallChunk, Base: base})
	if _, err := s.Tar().Read(make([]byte, 10)); err == nil || err.Error() != "an increment cannot be a tar file, which has all of each file; open the stream without Options.Base" {
		t.Error(err)
	}
	if _, err := snapshot.Open(small().sources(), snapshot.Options{ChunkSize: 512, Base: base}); err == nil || err.Error() != "the base has chunks of 1000 bytes, the snapshot of 512; pass chunk_size = 1000" {
		t.Error(err)
	}
}

// What the base has is not compressed.
func TestIncrementPacksWhatChanged(t *testing.T) {
	old := files{bytes.Repeat([]byte("text "), pageSize*100)}
	next := files{bytes.Clone(old[0])}
	next[0][pageSize*7] ^= 1
	base, err := snapshot.ParseManifest(manifest(t, old.rows(t, pageSize)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		base *snapshot.Manifest
		want int
	}{{nil, 500}, {base, 1}} {
		s := open(t, next.sources(), snapshot.Options{ChunkSize: pageSize, Base: c.base, Compress: snapshot.CompressChunks})
		for range 2 {
			if more, err := s.Next(); !more || err != nil {
				t.Fatal(err)
			}
		}
		if got := s.Frames(); got != c.want {
			t.Errorf("%d chunks were compressed, want %d", got, c.want)
		}
	}
}
