package snapshot_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

const badName = " is not allowed; a name has 1 to 128 of the characters A-Z a-z 0-9 . _ - and does not start with a dot"

// Each row breaks one rule of a valid record. The ones that break a rule of a
// file are sealed again, so that no other rule is broken.
func TestMetadataDamage(t *testing.T) {
	set := func(name string, value any) func(object) { return func(o object) { o[name] = value } }
	inFile := func(i int, name string, value any) func(object) {
		return func(o object) { file(o, i)[name] = value; seal(o) }
	}
	named := func(name string) func(object) { return inFile(1, "file_name", name) }
	const huge = math.MaxInt64 / pageSize * pageSize
	zeros := strings.Repeat("0", 64)

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
		{"chunk_size 0", set("chunk_size", 0), "metadata chunk_size is 0, must be from 1 to 268435456"},
		{"chunk_size negative", set("chunk_size", -5), "metadata chunk_size is -5, must be from 1 to 268435456"},
		{"chunk_size too large", set("chunk_size", 268435457), "metadata chunk_size is 268435457, must be from 1 to 268435456"},
		{"chunk_size a fraction", set("chunk_size", 1.5), `metadata has a field that cannot be read: field "chunk_size" does not take a JSON number 1.5`},
		{"checksum_algorithm", set("checksum_algorithm", "md5"), "metadata checksum_algorithm is 'md5', must be 'sha256'"},
		{"total_size wrong", set("total_size", 1229), "metadata total_size is 1229, the files have 1228 bytes"},
		{"files empty", set("files", []any{}), "metadata lists no files"},
		{"files an object", set("files", object{}), "metadata field files is not an array of objects: got a JSON object"},
		{"files of numbers", set("files", []any{1}), "metadata field files is not an array of objects: got a JSON number"},
		{"files of nulls", set("files", []any{nil}), "metadata files[0] lacks the field file_name"},
		{"checksum upper-case", func(o object) { o["checksum"] = strings.Repeat("AB", 32) },
			"metadata has a field that cannot be read: checksum must be 64 lower-case hex digits, got '" + strings.Repeat("AB", 32) + "'"},
		{"checksum short", set("checksum", "ab"), "metadata has a field that cannot be read: checksum must be 64 lower-case hex digits, got 'ab'"},
		{"checksum long", set("checksum", zeros+"0"), "metadata has a field that cannot be read: checksum must be 64 lower-case hex digits, got '" + zeros + "0'"},
		{"checksum a number", set("checksum", 7), `metadata has a field that cannot be read: field "checksum" does not take a JSON number`},

		{"name twice", named("database.db"), "metadata lists file_name 'database.db' twice"},
		{"name up", named("../x"), "metadata files[1]: file_name '../x'" + badName},
		{"name absolute", named("/etc/x"), "metadata files[1]: file_name '/etc/x'" + badName},
		{"name below", named("a/b"), "metadata files[1]: file_name 'a/b'" + badName},
		{"name back slash", named(`a\b`), `metadata files[1]: file_name 'a\b'` + badName},
		{"name hidden", named(".hidden"), "metadata files[1]: file_name '.hidden'" + badName},
		{"name with a line feed", named("a\n"), "metadata files[1]: file_name 'a?'" + badName},
		{"name empty", named(""), "metadata files[1]: file_name ''" + badName},
		{"name of 129", named(strings.Repeat("a", 129)), "metadata files[1]: file_name '" + strings.Repeat("a", 80) + "…'" + badName},
		{"name of 300", named(strings.Repeat("a", 300)), "metadata files[1]: file_name '" + strings.Repeat("a", 80) + "…'" + badName},
		{"first file an index", inFile(0, "file_type", "hnsw_index"), "metadata files[0]: file_type is 'hnsw_index', must be 'sqlite_db'"},
		{"second file a database", inFile(1, "file_type", "sqlite_db"), "metadata files[1]: file_type is 'sqlite_db', must be 'hnsw_index'"},
		{"type unknown", inFile(1, "file_type", "faiss"), "metadata files[1]: file_type is 'faiss', must be 'hnsw_index'"},
		{"size negative", inFile(1, "file_size", -1), "metadata files[1]: file_size is -1, must not be negative"},
		{"size of 2^63", inFile(1, "file_size", json.Number("9223372036854775808")),
			`metadata has a field that cannot be read: field "files.file_size" does not take a JSON number 9223372036854775808`},
		{"sizes overflow", func(o object) {
			file(o, 0)["file_size"], file(o, 1)["file_size"] = int64(huge), int64(math.MaxInt64)
		}, "metadata files are larger than 2^63-1 bytes together"},
		{"rows overflow", func(o object) {
			file(o, 0)["file_size"], file(o, 1)["file_size"] = int64(huge), int64(math.MaxInt64-huge)
		}, "metadata files are larger than a stream of rows can be"},
		{"page_size 0", inFile(0, "page_size", 0), "metadata files[0]: page_size is 0, must be a power of two from 512 to 65536"},
		{"page_size 256", inFile(0, "page_size", 256), "metadata files[0]: page_size is 256, must be a power of two from 512 to 65536"},
		{"page_size 768", inFile(0, "page_size", 768), "metadata files[0]: page_size is 768, must be a power of two from 512 to 65536"},
		{"page_size 131072", inFile(0, "page_size", 131072), "metadata files[0]: page_size is 131072, must be a power of two from 512 to 65536"},
		{"half a page", inFile(0, "file_size", 1023), "metadata files[0]: file_size is 1023, must be a multiple of the page_size 512"},
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
		for _, name := range []string{"version", "snapshot_id", "created_at", "chunk_size", "total_size", "checksum_algorithm", "checksum", "files"} {
			o := parse(t, smallMetadata(t))
			lose(o, name)
			wantRefused(t, encode(t, o), "metadata lacks the field "+name)
		}
		for _, name := range []string{"file_name", "file_type", "file_size", "checksum"} {
			o := parse(t, smallMetadata(t))
			lose(file(o, 1), name)
			wantRefused(t, encode(t, o), "metadata files[1] lacks the field "+name)
		}
	}
}

func TestMetadataChecksumOfOtherFiles(t *testing.T) {
	o := parse(t, smallMetadata(t))
	right := o["checksum"].(string)
	file(o, 1)["file_name"] = "other.idx"
	wrong := digest([]byte("database.db" + file(o, 0)["checksum"].(string) + "other.idx" + file(o, 1)["checksum"].(string)))
	wantRefused(t, encode(t, o), "metadata checksum is "+right+", the files' names and checksums give "+wrong)
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
