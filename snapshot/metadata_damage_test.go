package snapshot_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

const badName = " is not allowed; a name has parts of 1 to 200 bytes with / between them, 1024 bytes at most; " +
	"a part does not begin with a dot, end with a dot or a space, contain a control character, a backslash or a colon, nor is it the name of a device of Windows"

// Each row breaks one rule of a valid record. The ones that break a rule of a
// file are sealed again, so that no other rule is broken.
func TestMetadataDamage(t *testing.T) {
	set := func(name string, value any) func(object) { return func(o object) { o[name] = value } }
	inFile := func(i int, name string, value any) func(object) {
		return func(o object) { file(o, i)[name] = value; seal(o) }
	}
	named := func(name string) func(object) { return inFile(0, "file_name", name) }
	const huge = math.MaxInt64 / pageSize * pageSize

	for _, c := range []struct {
		name   string
		damage func(object)
		want   string
	}{
		{"version 0", set("version", 0), "metadata version is 0, must be 1"},
		{"version 2", set("version", 2), "metadata version is 2, this build reads version 1; use a newer vxsnap"},
		{"version 2 before all else", func(o object) { clear(o); o["version"], o["files"] = 2, "elsewhere" },
			"metadata version is 2, this build reads version 1; use a newer vxsnap"},
		{"version a text", set("version", "1"), `metadata has a field that cannot be read: field "version" does not take a JSON string`},
		{"no snapshot_id", set("snapshot_id", ""), "metadata snapshot_id '' is not allowed"},
		{"snapshot_id a path", set("snapshot_id", "../x"), "metadata snapshot_id '../x' is not allowed"},
		{"created_at negative", set("created_at", -1), "metadata created_at is -1, must not be negative"},
		{"chunk_size 511", set("chunk_size", 511), "metadata chunk_size is 511, must be from 512 to 268435456"},
		{"chunk_size negative", set("chunk_size", -5), "metadata chunk_size is -5, must be from 512 to 268435456"},
		{"chunk_size too large", set("chunk_size", 268435457), "metadata chunk_size is 268435457, must be from 512 to 268435456"},
		{"chunk_size a fraction", set("chunk_size", 1.5), `metadata has a field that cannot be read: field "chunk_size" does not take a JSON number 1.5`},
		{"checksum_algorithm", set("checksum_algorithm", "md5"), "metadata checksum_algorithm is 'md5', must be 'sha256'"},
		{"total_size wrong", set("total_size", 12281), "metadata total_size is 12281, the files have 12280 bytes"},
		{"files empty", set("files", []any{}), "metadata lists no files"},
		{"files an object", set("files", object{}), "metadata field files is not an array of objects: got a JSON object"},
		{"files of numbers", set("files", []any{1}), "metadata field files is not an array of objects: got a JSON number"},
		{"files of nulls", set("files", []any{nil}), "metadata files[0] lacks the field file_name"},

		{"name twice", named("database.db"), "metadata files[1]: file_name 'database.db' is the same as 'database.db' where case does not count; it must be another"},
		{"name up", named("../x"), "metadata files[0]: file_name '../x'" + badName},
		{"name with a line feed", named("a\n"), "metadata files[0]: file_name 'a?'" + badName},
		{"name too long", named(strings.Repeat("a", 201)), "metadata files[0]: file_name '" + strings.Repeat("a", 80) + "…'" + badName},
		{"an index after the database", inFile(1, "file_type", "hnsw_index"), "metadata lists no file of type 'sqlite_db', which a snapshot has as its last"},
		{"type unknown", inFile(0, "file_type", "faiss"), "metadata files[0]: file_type is 'faiss', must be 'sqlite_db' or 'hnsw_index'"},
		{"size negative", inFile(0, "file_size", -1), "metadata files[0]: file_size is -1, must not be negative"},
		{"size of 2^63", inFile(0, "file_size", json.Number("9223372036854775808")),
			`metadata has a field that cannot be read: field "files.file_size" does not take a JSON number 9223372036854775808`},
		{"sizes overflow", func(o object) {
			file(o, 1)["file_size"], file(o, 0)["file_size"] = int64(huge), int64(math.MaxInt64)
		}, "metadata files are larger than 2^63-1 bytes together"},
		{"rows overflow", func(o object) {
			file(o, 1)["file_size"], file(o, 0)["file_size"] = int64(huge), int64(math.MaxInt64-huge)
		}, "metadata files are larger than a stream of rows can be"},
		{"page_size 0", inFile(1, "page_size", 0), "metadata files[1]: page_size is 0, must be a power of two from 512 to 65536"},
		{"page_size 256", inFile(1, "page_size", 256), "metadata files[1]: page_size is 256, must be a power of two from 512 to 65536"},
		{"page_size 768", inFile(1, "page_size", 768), "metadata files[1]: page_size is 768, must be a power of two from 512 to 65536"},
		{"page_size 131072", inFile(1, "page_size", 131072), "metadata files[1]: page_size is 131072, must be a power of two from 512 to 65536"},
		{"half a page", inFile(1, "file_size", 1023), "metadata files[1]: file_size is 1023, must be a multiple of the page_size 512"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := parse(t, smallMetadata(t))
			c.damage(o)
			wantRefused(t, encode(t, o), c.want)
		})
	}
}

func TestMetadataLacksField(t *testing.T) {
	for _, null := range []bool{false, true} {
		lose := func(o object, name string) {
			if delete(o, name); null {
				o[name] = nil
			}
		}
		for _, name := range []string{"version", "snapshot_id", "created_at", "chunk_size", "total_size", "checksum_algorithm", "files"} {
			o := parse(t, smallMetadata(t))
			lose(o, name)
			wantRefused(t, encode(t, o), "metadata lacks the field "+name)
		}
		for _, name := range []string{"file_name", "file_type", "file_size"} {
			o := parse(t, smallMetadata(t))
			lose(file(o, 1), name)
			wantRefused(t, encode(t, o), "metadata files[1] lacks the field "+name)
		}
	}
}

func wantRefused(t *testing.T, text, want string) {
	t.Helper()
	m, err := snapshot.DecodeMetadata([]byte(text))
	if err == nil {
		t.Fatalf("got %+v, want the error %q", m, want)
	}
	if err.Error() != want {
		t.Errorf("\n got %q\nwant %q", err, want)
	}
	if !errors.Is(err, snapshot.ErrDamaged) {
		t.Errorf("%q does not wrap ErrDamaged", err)
	}
}
