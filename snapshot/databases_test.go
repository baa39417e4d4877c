package snapshot_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
)

// sourcesOf has databases, whose names end in .db, and indexes.
func sourcesOf(names ...string) (s []snapshot.Source) {
	for i, name := range names {
		f := snapshot.File{Name: name, Type: snapshot.TypeIndex, Table: name}
		b := indexImage(byte(i), 3)
		if filepath.Ext(name) == ".db" {
			f.Type, f.PageSize, b = snapshot.TypeDatabase, pageSize<<i, noise(byte(i), 4*pageSize<<i)
		}
		f.Size = int64(len(b))
		s = append(s, snapshot.Source{File: f, Reader: bytes.NewReader(b)})
	}
	return s
}

// The databases are the last, one or more; Open and who reads the metadata hold to
// it alike.
func TestDatabasesAreLast(t *testing.T) {
	const (
		none  = "metadata lists no file of type 'sqlite_db', which a snapshot has as its last"
		after = ": file_type is 'hnsw_index', must be 'sqlite_db': the databases come after all other files"
	)
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"a.db"}, ""},
		{[]string{"a.idx", "a.db"}, ""},
		{[]string{"a.db", "b.db", "c.db"}, ""},
		{[]string{"a.idx", "b.idx", "a.db", "b.db"}, ""},
		{[]string{"a.idx"}, none},
		{[]string{"a.db", "a.idx"}, "metadata files[1]" + after},
		{[]string{"a.db", "a.idx", "b.db"}, "metadata files[1]" + after},
		{[]string{"a.idx", "a.db", "b.db", "b.idx"}, "metadata files[3]" + after},
		{[]string{"x/a.db"}, "metadata files[0]: file_name of a database is 'x/a.db', must not have a '/'"},
	} {
		sources := sourcesOf(c.names...)
		s, err := snapshot.Open(sources, snapshot.Options{})
		if err == nil {
			s.Close()
		}
		m := snapshot.Metadata{Version: 1, SnapshotID: "x", ChunkSize: 512, ChecksumAlgorithm: "sha256"}
		for i := range sources {
			m.Files = append(m.Files, sources[i].File)
			m.TotalSize += sources[i].File.Size
		}
		for what, err := range map[string]error{"Open": err, "Validate": m.Validate()} {
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%s of %q:\n got %q\nwant %q", what, c.names, got, c.want)
			}
		}
	}
}

// Every database is restored, has its own page size, and is given to the Relocator.
func TestSeveralDatabases(t *testing.T) {
	names := []string{"a.idx", "one.db", "two.db"}
	rows := collect(t, open(t, sourcesOf(names...), snapshot.Options{ChunkSize: 512}))
	if got := verify(t, nil, rows); got != "ok" {
		t.Fatal(got)
	}
	dir := filepath.Join(t.TempDir(), "out")
	var relocated []string
	m, err := restoreWith(dir, func(database, directory string, parts []snapshot.Part) error {
		if directory != dir || len(parts) != 1 || parts[0].File.Name != "a.idx" {
			t.Errorf("relocate %s: got the directory %s and the parts %v", database, directory, parts)
		}
		relocated = append(relocated, filepath.Base(database))
		return nil
	}, snapshot.RestoreOptions{}, rows)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"one.db", "two.db"}; !slices.Equal(relocated, want) {
		t.Errorf("relocated %q, want %q", relocated, want)
	}
	for i, s := range sourcesOf(names...) {
		want := make([]byte, s.File.Size)
		if _, err := s.Reader.ReadAt(want, 0); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, names[i])); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: other bytes, %v", names[i], err)
		}
		if diff := cmp.Diff(s.File, m.Files[i]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", names[i], diff)
		}
	}
}
