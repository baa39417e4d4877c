package snapshot_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
)

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

// Each case breaks the end record of small(), which comes last, or before the
// metadata. Verify and restore say the same sentence.
func TestEndRecordDamage(t *testing.T) {
	type edit = func(t testing.TB, metadata, end string) string
	change := func(f func(o object)) edit {
		return func(t testing.TB, metadata, end string) string {
			o := parse(t, end)
			f(o)
			return encode(t, o)
		}
	}
	sealed := func(f func(o object)) edit { // so that only what f does is wrong
		return func(t testing.TB, metadata, end string) string {
			return resealed(t, metadata, change(f)(t, metadata, end))
		}
	}
	text := func(f func(end string) string) edit {
		return func(_ testing.TB, _, end string) string { return f(end) }
	}
	replaced := func(old, new string) edit {
		return text(func(end string) string { return strings.Replace(end, old, new, 1) })
	}
	mismatch := "database.db: checksum mismatch: the end record says " + zeros + ", the rows give " + testkit.Checksum(small()[0], smallChunk)
	for _, c := range []struct {
		name string
		edit edit
		want string // how the sentence begins
	}{
		{"no checksum of a file", sealed(func(o object) { o["files"] = o["files"].([]any)[:1] }), "the end record has the checksums of 1 files, the metadata lists 2"},
		{"no files", sealed(func(o object) { o["files"] = []any{} }), "the end record has the checksums of 0 files, the metadata lists 2"},
		{"a file too many", sealed(func(o object) { o["files"] = append(o["files"].([]any), file(o, 0)) }), "the end record has the checksums of 3 files, the metadata lists 2"},
		{"another name", sealed(func(o object) { file(o, 1)["file_name"] = "data.db" }), "the end record's files[1]: file_name is 'data.db', must be 'database.db'"},
		{"another order", sealed(func(o object) { slices.Reverse(o["files"].([]any)) }), "the end record's files[0]: file_name is 'database.db', must be 'index_0.idx'"},
		{"another checksum", change(func(o object) { o["checksum"] = zeros }), "the end record's checksum is " + zeros + ", the metadata row and the files' checksums give "},
		{"another checksum of a file", change(func(o object) { file(o, 1)["checksum"] = zeros }), "the end record's checksum is "},
		{"another checksum of a file, sealed", sealed(func(o object) { file(o, 1)["checksum"] = zeros }), mismatch},
		{"a checksum in upper case", func(t testing.TB, metadata, end string) string {
			sum := testkit.Checksum(small()[1], smallChunk)
			return strings.Replace(end, sum, strings.ToUpper(sum), 1)
		}, "the end record has a field that cannot be read: checksum must be 64 lower-case hex digits, got '"},
		{"a short checksum", change(func(o object) { o["checksum"] = zeros[1:] }), "the end record has a field that cannot be read: checksum must be 64 lower-case hex digits, got '0"},
		{"a checksum that is a number", change(func(o object) { o["checksum"] = 1 }), `the end record has a field that cannot be read: field "checksum" does not take a JSON number`},
		{"no snapshot checksum", change(func(o object) { delete(o, "checksum") }), "the end record lacks the field checksum"},
		{"null", text(func(string) string { return "null" }), "the end record lacks the field checksum"},
		{"no list", change(func(o object) { delete(o, "files") }), "the end record lacks the field files"},
		{"a file without checksum", change(func(o object) { delete(file(o, 1), "checksum") }), "the end record files[1] lacks the field checksum"},
		{"a file without name", change(func(o object) { file(o, 0)["file_name"] = nil }), "the end record files[0] lacks the field file_name"},
		{"files an object", change(func(o object) { o["files"] = object{} }), "the end record field files is not an array of objects: got a JSON object"},
		{"a key twice", replaced("{", `{"checksum":"`+zeros+`",`), "the end record has the field 'checksum' twice"},
		{"a key of a file twice", replaced("[{", `[{"checksum":"`+zeros+`",`), "the end record files[0] has the field 'checksum' twice"},
		{"bytes after it", text(func(end string) string { return end + "x" }), "the end record is not a JSON object: invalid character 'x' after top-level value"},
		{"itself after it", text(func(end string) string { return end + end }), "the end record is not a JSON object: invalid character '{' after top-level value"},
		{"no JSON", text(func(string) string { return "SQLite" }), "the end record is not a JSON object: invalid character 'S' looking for beginning of value"},
		{"nothing", text(func(string) string { return "" }), "the end record is not a JSON object: unexpected end of JSON input"},
		{"an array", text(func(end string) string { return "[" + end + "]" }), "the end record is not a JSON object: got a JSON array"},
		{"too long", text(func(end string) string { return padded(end, snapshot.MaxMetadataSize+1) }), "the end record is 16777217 bytes long, at most 16777216 are read"},
	} {
		for _, order := range []rowOrder{orders[0], orders[1]} {
			t.Run(c.name+", "+order.name, func(t *testing.T) {
				rows := small().rows(t, smallChunk)
				rows[smallEnd].Metadata = c.edit(t, rows[0].Metadata, rows[smallEnd].Metadata)
				order.apply(rows)
				got := verify(t, nil, rows)
				if !strings.HasPrefix(got, c.want) || !isOneLine(got) {
					t.Errorf("verify\n got %q\nwant %q", got, c.want)
				}
				parent := t.TempDir()
				_, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{}, rows)
				if !errors.Is(err, snapshot.ErrDamaged) || err.Error() != got {
					t.Errorf("restore\n got %v\nwant %q", err, got)
				}
				if left := list(t, parent); len(left) != 0 {
					t.Errorf("restore left %q", left)
				}
			})
		}
	}
}

// padded has spaces behind a text, up to so many bytes.
func padded(text string, n int) string { return text + strings.Repeat(" ", n-len(text)) }
