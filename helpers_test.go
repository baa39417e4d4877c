package vxsnap_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
	"go.uber.org/goleak"

	"github.com/vxsnap/vxsnap"
	"github.com/vxsnap/vxsnap/live"
)

var ctx = context.Background()

// No goroutine and no moment may outlive the call that began it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// vectorlite registers a driver with the extension, whose file is in VECTORLITE or where
// make puts it.
var vectorlite = sync.OnceValue(func() string {
	path := os.Getenv("VECTORLITE")
	if path == "" {
		path, _ = filepath.Abs(".tools/vectorlite.so")
	}
	sql.Register("sqlite3_vectorlite", &sqlite3.SQLiteDriver{Extensions: []string{path}})
	return "sqlite3_vectorlite"
})

// connect opens a database until the test ends, on one connection.
func connect(t *testing.T, driver, source string, statements ...string) (*sql.DB, *sql.Conn) {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	run(t, conn, statements...)
	return db, conn
}

func run(t *testing.T, conn *sql.Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// text gives the first value of a query.
func text(t *testing.T, conn *sql.Conn, query string) (value string) {
	t.Helper()
	if err := conn.QueryRowContext(ctx, query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// fill gives a table so many rows of 1000 bytes.
func fill(rows int) []string {
	return []string{
		"CREATE TABLE t(a, b)",
		fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO t SELECT i, randomblob(1000) FROM n", rows),
	}
}

// database makes a database with so many rows of 1000 bytes, that nobody has open.
func database(t *testing.T, rows int, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	db, conn := connect(t, "sqlite3", path, append(statements, fill(rows)...)...)
	conn.Close()
	db.Close()
	return path
}

// saved is a snapshot of a database as bytes.
func saved(t *testing.T, path string, opts vxsnap.SaveOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := vxsnap.Save(ctx, path, &b, opts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// nothingLeft checks that a folder has these names and no other, and that no moment
// is held.
func nothingLeft(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(names) {
		t.Errorf("the folder has %q, want %q", got, names)
	}
	if n := live.Held(); n != 0 {
		t.Errorf("%d moments are held", n)
	}
}
