// Package vxsnap_test runs vxsnap as a Go program does: linked into
// github.com/mattn/go-sqlite3, with the real vectorlite, real other processes
// and real signals.
package vxsnap_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
)

const rowColumns = "seq, file_name, offset, data, is_last, metadata_json"

// roles are what this test binary does when it is run again as another process.
var roles = map[string]func(args []string){}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		roles[os.Args[1]](os.Args[2:])
		return
	}
	if err := extension.Auto(); err != nil {
		panic(err)
	}
	if library := os.Getenv("VECTORLITE"); library != "" {
		sql.Register("vectorlite", &sqlite3.SQLiteDriver{Extensions: []string{library}})
	}
	os.Exit(m.Run())
}

// connect opens one connection: to a file, to ":memory:", or to a URI.
func connect(t testing.TB, driver, name string) *sql.Conn {
	t.Helper()
	if driver == "vectorlite" && os.Getenv("VECTORLITE") == "" {
		t.Fatal("VECTORLITE does not name vectorlite.so: run make gotest")
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); db.Close() })
	return conn
}

func open(t testing.TB, name string) *sql.Conn { return connect(t, "sqlite3", name) }

func run(t testing.TB, conn *sql.Conn, queries ...string) {
	t.Helper()
	for _, query := range queries {
		if _, err := conn.ExecContext(context.Background(), query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

// used is a prepared statement that gave a row, or ran, and is alive until the
// caller closes it.
func used(t testing.TB, conn *sql.Conn, query string, args ...any) *sql.Stmt {
	t.Helper()
	statement, err := conn.PrepareContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := statement.QueryContext(context.Background(), args...)
	if err != nil {
		t.Fatal(err)
	}
	rows.Next()
	rows.Close()
	return statement
}

// text is the only value of a query; several rows are put together.
func text(t testing.TB, conn *sql.Conn, query string, args ...any) string {
	t.Helper()
	values, err := tryText(conn, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return values
}

func tryText(conn *sql.Conn, query string, args ...any) (string, error) {
	rows, err := conn.QueryContext(context.Background(), query, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var value sql.NullString
		if err := rows.Scan(&value); err != nil {
			return "", err
		}
		all = append(all, value.String)
	}
	return strings.Join(all, "\n"), rows.Err()
}

// way says how the connection's last snapshot was read.
func way(t testing.TB, conn *sql.Conn) string {
	t.Helper()
	for _, line := range strings.Split(text(t, conn, "SELECT vx_snapshot_debug()"), "\n") {
		if after, ok := strings.CutPrefix(line, "last snapshot: "); ok {
			return after
		}
	}
	t.Fatal("no line 'last snapshot'")
	return ""
}

// restore takes a snapshot of a schema and restores it at once into a new
// directory, whose database file it returns.
func restore(t testing.TB, conn *sql.Conn, schema string, chunkSize int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	text(t, conn, fmt.Sprintf("SELECT vx_snapshot_restore(?, %s) FROM vx_snapshot_chunks(?, ?)", rowColumns), dir, chunkSize, schema)
	return filepath.Join(dir, "database.db")
}

// dump is the content of a database: its schema and every row of its tables.
func dump(t testing.TB, conn *sql.Conn, schema string) string {
	t.Helper()
	all := text(t, conn, fmt.Sprintf("SELECT sql FROM %q.sqlite_schema WHERE type = 'table' ORDER BY name", schema))
	tables := text(t, conn, fmt.Sprintf("SELECT name FROM %q.sqlite_schema WHERE type = 'table' ORDER BY name", schema))
	for _, table := range strings.Fields(tables) {
		all += "\n" + text(t, conn, fmt.Sprintf("SELECT quote(a) || quote(b) FROM %q.%q ORDER BY rowid", schema, table))
	}
	return all
}

func sameFile(t testing.TB, a, b string) bool {
	t.Helper()
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(x) == string(y)
}
