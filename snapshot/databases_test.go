package snapshot_test

import (
	"bytes"
	"path/filepath"
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

// Several databases are a snapshot, and each has its own page size. They are not
// restored, nor is one that is called like an index file: two tables could get one file.
func TestSeveralDatabases(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"a.idx", "one.db", "two.db"}, "the snapshot has 2 databases, this build restores those with one; use a newer vxsnap"},
		{[]string{"one.db", "two.db"}, "the snapshot has 2 databases, this build restores those with one; use a newer vxsnap"},
		{[]string{"a.idx", "index_0.IDX.db"}, ""},
	} {
		rows := collect(t, open(t, sourcesOf(c.names...), snapshot.Options{ChunkSize: 512}))
		if got := verify(t, nil, rows); got != "ok" {
			t.Error(got)
		}
		parent := t.TempDir()
		m, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{}, rows)
		if c.want == "" {
			if err != nil {
				t.Error(err)
			} else if diff := cmp.Diff(sourcesOf(c.names...)[1].File, m.Files[1]); diff != "" {
				t.Errorf("%q (-want +got):\n%s", c.names, diff)
			}
			continue
		}
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: got %v, want %q", c.names, err, c.want)
		}
		if left := list(t, parent); len(left) != 0 {
			t.Errorf("left %q", left)
		}
	}
}

func TestDatabaseLikeAnIndex(t *testing.T) {
	s := sourcesOf("a.db")
	s[0].File.Name = "index_0.IDX"
	rows := collect(t, open(t, s, snapshot.Options{ChunkSize: 512}))
	_, err := restore(filepath.Join(t.TempDir(), "out"), snapshot.RestoreOptions{}, rows)
	const want = "metadata files[0]: file_name of a database is 'index_0.IDX', which is like that of an index file; it cannot be restored"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}
