package snapshot_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

const pageSize = 512

func noise(seed byte, n int) []byte { return testkit.Noise(seed, n) }

func indexImage(seed byte, elements int) []byte { return testkit.IndexImage(seed, elements) }

// files are the bytes of a snapshot: the database, then the indexes.
type files [][]byte

// small has a database of 10240 bytes and an index of 2040. With 1000 bytes a
// chunk the index has the rows 1 to 3, the database 4 to 14; 15 is the end.
func small() files { return files{noise(1, 10240), indexImage(2, 54)} }

const smallChunk, smallEnd = 1000, 15

func (f files) name(i int) string {
	if i == 0 {
		return snapshot.DatabaseName
	}
	return fmt.Sprintf("index_%d.idx", i-1)
}

// sources are the indexes and then the database.
func (f files) sources() (s []snapshot.Source) {
	for i, b := range f[1:] {
		s = append(s, snapshot.Source{Reader: bytes.NewReader(b), File: snapshot.File{
			Name: f.name(i + 1), Type: snapshot.TypeIndex, Path: "/srv/app/" + f.name(i+1), Size: int64(len(b)),
			ModifiedAt: 1700000000123, Table: fmt.Sprintf("table_%d", i),
		}})
	}
	return append(s, snapshot.Source{Reader: bytes.NewReader(f[0]), File: snapshot.File{
		Name: f.name(0), Type: snapshot.TypeDatabase, Path: "/srv/app/live.db", Size: int64(len(f[0])), PageSize: pageSize,
	}})
}

// rows exports files and keeps a copy of every row.
func (f files) rows(t testing.TB, chunkSize int64) []snapshot.Row {
	t.Helper()
	s, err := snapshot.Open(f.sources(), snapshot.Options{ChunkSize: chunkSize})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return collect(t, s)
}

func collect(t testing.TB, s *snapshot.Stream) (rows []snapshot.Row) {
	t.Helper()
	for {
		ok, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return rows
		}
		r := *s.Row()
		r.Data = slices.Clone(r.Data)
		rows = append(rows, r)
	}
}

func verify(t testing.TB, fsys snapshot.FS, rows []snapshot.Row) string {
	t.Helper()
	v := snapshot.NewVerifier(vectorlite.Check, fsys, nil)
	defer v.Close()
	for i := range rows {
		if err := v.Add(&rows[i]); err != nil {
			t.Fatalf("Add of row %d: %v", i, err)
		}
	}
	got, err := v.Result()
	if err != nil {
		t.Fatalf("Result: %v", err)
	}
	return got
}

// unmoved leaves the schema as it is: these databases have none.
var unmoved relocator = func(string, string, []snapshot.Part) error { return nil }

// restore feeds rows to a Restorer, and gives the error that it ends with.
func restore(dir string, opt snapshot.RestoreOptions, rows []snapshot.Row) (*snapshot.Metadata, error) {
	return restoreWith(dir, unmoved, opt, rows)
}

func restoreWith(dir string, relocate relocator, opt snapshot.RestoreOptions, rows []snapshot.Row) (*snapshot.Metadata, error) {
	r, err := snapshot.NewRestorer(dir, vectorlite.Check, relocate, opt)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for i := range rows {
		if err := r.Add(&rows[i]); err != nil {
			return nil, err
		}
	}
	return r.Finish()
}

// wantFiles compares a restored directory, names and bytes and nothing else.
func wantFiles(t testing.TB, dir string, want files) {
	t.Helper()
	if got := list(t, dir); len(got) != len(want) {
		t.Errorf("%s holds %q, want %d files", dir, got, len(want))
	}
	for i, b := range want {
		got, err := os.ReadFile(filepath.Join(dir, want.name(i)))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, b) {
			t.Errorf("%s: the %d bytes restored differ from the %d exported", want.name(i), len(got), len(b))
		}
	}
}

func list(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// object is a JSON object that a test can damage in any way.
type object = map[string]any

func parse(t testing.TB, text string) object {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var o object
	if err := d.Decode(&o); err != nil {
		t.Fatal(err)
	}
	return o
}

func encode(t testing.TB, o object) string {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func file(o object, i int) object { return o["files"].([]any)[i].(object) }

// seal sets total_size to what the files say, so that a damage to a file is the
// only one.
func seal(o object) {
	var total int64
	for i := range o["files"].([]any) {
		size, _ := json.Number(fmt.Sprint(file(o, i)["file_size"])).Int64()
		total += size
	}
	o["total_size"] = total
}

// resealed is the end record for other metadata.
func resealed(t testing.TB, metadata, end string) string {
	o := parse(t, end)
	sums := metadata
	for i := range o["files"].([]any) {
		sums += fmt.Sprint(file(o, i)["checksum"])
	}
	o["checksum"] = digest([]byte(sums))
	return encode(t, o)
}

func isOneLine(s string) bool { return s != "" && !strings.ContainsAny(s, "\n\r") }
