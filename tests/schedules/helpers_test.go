// Package schedules_test proves the pin step by step: it takes a snapshot of a
// small database again and again, and each time something else happens at
// another call that the snapshot makes to the VFS. testdata/steps.c is that
// VFS, and its head says how. Read next: start_test.go (the databases),
// event_test.go (what happens), snapshot_test.go (what must come out),
// schedules_test.go (all of it).
package schedules_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
)

// indexFile is the index file of every database here. It is never written, and
// so old that an export need not wait to be sure of that.
var indexFile string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "schedules")
	if err != nil {
		panic(err)
	}
	if err := prepare(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	debug.SetGCPercent(1000) // a case copies some megabytes, and keeps none
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// prepare compiles the VFS, makes it part of the driver "control", and with
// vxsnap of the driver "host", and copies the index file.
func prepare(dir string) error {
	library := filepath.Join(dir, "steps.so")
	out, err := exec.Command("gcc", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", library, "testdata/steps.c").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s%w", out, err)
	}
	sql.Register("control", &sqlite3.SQLiteDriver{Extensions: []string{library}})
	sql.Register("host", &sqlite3.SQLiteDriver{
		Extensions:  []string{library},
		ConnectHook: func(conn *sqlite3.SQLiteConn) error { return extension.Register(conn) },
	})
	// The first connection that loads the library makes the VFSs known.
	first, err := sql.Open("control", ":memory:")
	if err != nil {
		return err
	}
	defer first.Close()
	if err := first.Ping(); err != nil {
		return err
	}
	index, err := os.ReadFile("../../snapshot/hnsw/testdata/vectorlite/docs.idx")
	if err != nil {
		return err
	}
	indexFile = filepath.Join(dir, "docs.idx")
	if err := os.WriteFile(indexFile, index, 0o600); err != nil {
		return err
	}
	old := time.Now().Add(-time.Hour)
	return os.Chtimes(indexFile, old, old)
}

// open opens one connection.
func open(t testing.TB, driver, name string) *sql.Conn {
	t.Helper()
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

func run(t testing.TB, conn *sql.Conn, queries ...string) {
	t.Helper()
	for _, query := range queries {
		if _, err := conn.ExecContext(context.Background(), query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

// value is the only value of a query; the zero value stands for NULL.
func value[T any](t testing.TB, conn *sql.Conn, query string, args ...any) T {
	t.Helper()
	var v sql.Null[T]
	if err := conn.QueryRowContext(context.Background(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v.V
}
