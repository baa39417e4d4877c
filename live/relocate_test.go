package live_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// execute runs statements on a connection.
func execute(t *testing.T, conn *sql.Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := conn.ExecContext(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// restoreNone takes a snapshot without index files, and restores it.
func restoreNone(t *testing.T, conn *sql.Conn, directory string) error {
	t.Helper()
	e, err := ofDriver(t, conn).Export("main", live.ExportOptions{ChunkSize: 512, IndexFiles: live.IndexNone})
	if err != nil {
		t.Fatal(err)
	}
	return restoreExport(e, directory, live.Relocate)
}

// restoreExport restores a snapshot, which it closes.
func restoreExport(e *live.Export, directory string, relocate snapshot.Relocator) error {
	defer e.Close()
	r, err := snapshot.NewRestorer(directory, vectorlite.Check, relocate, snapshot.RestoreOptions{})
	if err != nil {
		return err
	}
	err = e.Each(r.Add)
	if err == nil {
		_, err = r.Finish()
	}
	return errors.Join(err, r.Close())
}

// A snapshot without index files names new ones beside the database: vectorlite
// would overwrite those of the live database.
func TestRestoreWithoutIndexFiles(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		conn, _, path := indexed(t)
		execute(t, conn, "PRAGMA writable_schema = OFF", "PRAGMA journal_mode = "+mode)
		directory := filepath.Join(t.TempDir(), "out")
		if err := restoreNone(t, conn, directory); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		got, err := os.ReadFile(filepath.Join(directory, "database.db"))
		if err != nil || bytes.Contains(got, []byte(path)) || !bytes.Contains(got, []byte("'"+directory+"/index_0.idx'")) {
			t.Errorf("%s: the restored schema names the live index: %v", mode, err)
		}
		entries, err := os.ReadDir(directory)
		if err != nil || len(entries) != 1 {
			t.Errorf("%s: got %v, %v, want the database alone", mode, entries, err)
		}
	}
}

// Without an index to name, the restored database is the snapshot byte for byte.
func TestRestoreChangesNothing(t *testing.T) {
	_, conn := connect(t)
	directory := filepath.Join(t.TempDir(), "out")
	if err := restoreNone(t, conn, directory); err != nil {
		t.Fatal(err)
	}
	var live string
	if err := conn.QueryRowContext(context.Background(), "SELECT file FROM pragma_database_list").Scan(&live); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(live)
	got, other := os.ReadFile(filepath.Join(directory, "database.db"))
	if err := errors.Join(err, other); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the restored database has other bytes: %v", err)
	}
}

// A database that somebody sent.
func TestRelocateCrafted(t *testing.T) {
	const table = "CREATE VIRTUAL TABLE docs USING vectorlite(v float32[1], hnsw(max_elements=13), '/live/docs.idx')"
	for _, c := range []struct {
		name, typ, statement, want string
	}{
		{"a view, as it says", "view", table, ""},
		{"a declaration that ends early", "table", table[:60], "damaged snapshot: table 'docs': cannot read its declaration"},
		{"vectors that overflow", "table", strings.Replace(table, "[1]", "[4611686018427387905]", 1), "its vectors have '4611686018427387905' numbers"},
		{"no database", "", "", "damaged snapshot: file is not a database"},
	} {
		path := filepath.Join(t.TempDir(), "database.db")
		if c.typ == "" {
			if err := os.WriteFile(path, testkit.Noise(1, 4096), 0o600); err != nil {
				t.Fatal(err)
			}
		} else {
			db, err := sql.Open("sqlite3", path)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := db.Conn(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			execute(t, conn, "CREATE TABLE t(a)", "PRAGMA writable_schema = ON",
				"INSERT INTO sqlite_schema VALUES ('"+c.typ+"', 'docs', 'docs', 0, '"+strings.ReplaceAll(c.statement, "'", "''")+"')")
			conn.Close()
			db.Close()
		}
		err := live.Relocate.Relocate(path, "/restored", nil)
		if c.want == "" {
			got, other := os.ReadFile(path)
			if err := errors.Join(err, other); err != nil || bytes.Contains(got, []byte("/live/")) {
				t.Errorf("%s: the schema names the live index: %v", c.name, err)
			}
		} else if !errors.Is(err, snapshot.ErrDamaged) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func init() {
	sql.Register("with a like of its own", &sqlite3.SQLiteDriver{ConnectHook: func(conn *sqlite3.SQLiteConn) error {
		return conn.RegisterFunc("like", func(_, _ string) int { return 0 }, true)
	}})
}

// A host whose LIKE is another function has the same index files.
func TestIndexesUnderAnotherLike(t *testing.T) {
	first, database, path := indexed(t)
	first.Close()
	if err := os.WriteFile(path, testkit.IndexImage(1, 3), 0o600); err != nil {
		t.Fatal(err)
	}
	conn := connection(t, "with a like of its own", database)
	for _, way := range []string{"PRAGMA user_version", "PRAGMA locking_mode = EXCLUSIVE"} { // a pin, and a spool
		execute(t, conn, way)
		rows, _, err := export(ofDriver(t, conn), func() bool { return false })
		if err != nil || !bytes.Equal(bytesOf(rows, "index_0.idx"), testkit.IndexImage(1, 3)) {
			t.Errorf("%s: the snapshot lacks the index file: %v", way, err)
		}
	}
}
