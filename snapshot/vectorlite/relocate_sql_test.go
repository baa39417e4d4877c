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
	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// declared makes a database whose schema declares a vectorlite table; nothing
// here has that module.
func declared(t *testing.T, statement string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "database.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range []string{"CREATE TABLE t(a)", "PRAGMA writable_schema = ON"} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec("INSERT INTO sqlite_schema VALUES ('table', 'docs', 'docs', 0, ?)", statement); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRelocateSQL(t *testing.T) {
	image := testkit.IndexImage(1, 3) // vectors of 4 bytes
	for _, c := range []struct{ name, statement, want string }{
		{"a path", "CREATE VIRTUAL TABLE docs USING vectorlite(v float32[1], hnsw(max_elements=9), '/live/docs.idx')", ""},
		{"other vectors", "CREATE VIRTUAL TABLE docs USING vectorlite(v float32[2], hnsw(max_elements=9), '/live/docs.idx')", "has vectors of 4 bytes, the table declares 8"},
		{"another module", "CREATE VIRTUAL TABLE docs USING fts5(v)", "which the database does not declare with vectorlite"},
	} {
		path := declared(t, c.statement)
		parts := []snapshot.Part{{
			File:     &snapshot.File{Name: "index_0.idx", Table: "docs", Size: int64(len(image))},
			ReaderAt: bytes.NewReader(image),
		}}
		err := vectorlite.RelocateSQL("sqlite3")(path, "/restored", parts)
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
		if err != nil || !bytes.Contains(got, []byte("'/restored/index_0.idx'")) || bytes.Contains(got, []byte("/live/")) {
			t.Errorf("%s: the schema does not name the restored file: %v", c.name, err)
		}
		if left, _ := filepath.Glob(path + "-*"); len(left) > 0 {
			t.Errorf("%s: left %q", c.name, left)
		}
	}
}
