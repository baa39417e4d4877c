package vectorlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// declared makes a database whose schema has a row with that statement; nothing
// here has vectorlite's module.
func declared(t *testing.T, setUp string, typ string, statement any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "database.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range []string{setUp, "CREATE TABLE t(a)", "PRAGMA writable_schema = ON"} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec("INSERT INTO sqlite_schema VALUES (?, 'docs', 'docs', 0, ?)", typ, statement); err != nil {
		t.Fatal(err)
	}
	return path
}

func utf16(s string) (b []byte) {
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return b
}

func TestRelocateSQL(t *testing.T) {
	const live = "CREATE VIRTUAL TABLE docs USING vectorlite(v float32[1], hnsw(max_elements=9), '/live/docs.idx')"
	with := []snapshot.Part{part("x.idx", "docs")}
	for _, c := range []struct {
		name, setUp, typ string
		statement        any
		files            []snapshot.Part
		names            string // in the schema, or
		want             string // the error
	}{
		{"a file", "", "table", live, with, "/restored/x.idx", ""},
		{"no file", "", "table", live, nil, "/restored/index_0.idx", ""},
		{"in WAL mode", "PRAGMA journal_mode = WAL", "table", live, nil, "/restored/index_0.idx", ""},
		{"a type in capitals", "", "TABLE", live, nil, "/restored/index_0.idx", ""},
		{"a BLOB, which SQLite reads as text", "", "table", []byte(live), nil, "/restored/index_0.idx", ""},
		{"a BLOB in UTF-16", "PRAGMA encoding = 'UTF-16le'", "table", utf16(live), nil, "/restored/index_0.idx", ""},
		{"other vectors", "", "table", strings.Replace(live, "[1]", "[2]", 1), with, "", "has vectors of 4 bytes, the table declares 8"},
		{"another module", "", "table", "CREATE VIRTUAL TABLE docs USING fts5(v)", with, "", "which the database does not declare with vectorlite and a path"},
		{"a declaration that ends early", "", "table", live[:60], nil, "", "damaged snapshot: malformed database schema (docs)"},
	} {
		path := declared(t, c.setUp, c.typ, c.statement)
		err := vectorlite.RelocateSQL("sqlite3").Relocate(path, "/restored", c.files)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, fault.ErrDamaged) && !errors.Is(err, fault.ErrIndexFile) {
				t.Errorf("%s: got %v, want %q", c.name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		got, err := os.ReadFile(path)
		if got = bytes.ReplaceAll(got, []byte{0}, nil); err != nil || !bytes.Contains(got, []byte("'"+c.names+"'")) || bytes.Contains(got, []byte("/live/")) {
			t.Errorf("%s: the schema does not name %s: %v", c.name, c.names, err)
		}
		if left, _ := filepath.Glob(path + "-*"); len(left) > 0 {
			t.Errorf("%s: left %q", c.name, left)
		}
	}
}

// A database with nothing to change stays as it is, byte for byte.
func TestRelocateSQLChangesNothing(t *testing.T) {
	for _, setUp := range []string{"", "PRAGMA journal_mode = WAL"} {
		path := declared(t, setUp, "table", "CREATE VIRTUAL TABLE docs USING vectorlite(v float32[1], hnsw(max_elements=9))")
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := vectorlite.RelocateSQL("sqlite3").Relocate(path, "/restored", nil); err != nil {
			t.Error(err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%q: the file has changed: %v", setUp, err)
		}
		if left, _ := filepath.Glob(path + "-*"); len(left) > 0 {
			t.Errorf("%q: left %q", setUp, left)
		}
	}
}

// A snapshot without index files, restored and opened with vectorlite: the live
// index stays as it is.
func TestRelocateSQLKeepsLiveIndex(t *testing.T) {
	dir := t.TempDir()
	path, index := filepath.Join(dir, "database.db"), filepath.Join(dir, "live.idx")
	for _, statements := range [][]string{
		{
			"CREATE VIRTUAL TABLE docs USING vectorlite(v float32[2], hnsw(max_elements=9), '" + index + "')",
			"INSERT INTO docs(rowid, v) VALUES (1, vector_from_json('[1, 2]'))",
		}, {
			"INSERT INTO docs(rowid, v) VALUES (7, vector_from_json('[3, 4]'))",
		},
	} {
		before, _ := os.ReadFile(index)
		db := openReal(t, path)
		for _, s := range statements {
			if _, err := db.Exec(s); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if after, err := os.ReadFile(index); err != nil || before != nil && !bytes.Equal(before, after) {
			t.Errorf("the live index has changed: %v", err)
		}
		if before == nil {
			if err := vectorlite.RelocateSQL("sqlite3").Relocate(path, dir, nil); err != nil {
				t.Fatal(err)
			}
		} else if _, err := os.Stat(filepath.Join(dir, "index_0.idx")); err != nil {
			t.Error(err)
		}
	}
}
