package live_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/live"
)

// A flushCase is a way to declare index files.
type flushCase struct {
	name     string
	declared []string // the paths of tables v and w, in the directory; a first . makes them relative
	absent   bool     // the files are not there before the flush
	prepare  func(directory string) error
	byLink   bool // on a file system that cannot exchange two names
}

var flushCases = []flushCase{
	{name: "plain", declared: []string{"v.idx"}},
	{name: "no file before", declared: []string{"v.idx"}, absent: true},
	{name: "link to the file", declared: []string{"link.idx"}, prepare: func(directory string) error {
		return os.Symlink("v.idx", filepath.Join(directory, "link.idx"))
	}},
	{name: "link to the directory", declared: []string{"link/v.idx"}, prepare: func(directory string) error {
		return os.Symlink(".", filepath.Join(directory, "link"))
	}},
	{name: "long path", declared: []string{strings.Repeat("x", 90) + "/v.idx"}, prepare: func(directory string) error {
		return os.Mkdir(filepath.Join(directory, strings.Repeat("x", 90)), 0o700)
	}},
	{name: "relative path", declared: []string{"./v.idx"}},
	{name: "names that cannot be exchanged", declared: []string{"v.idx"}, byLink: true},
	{name: "two tables", declared: []string{"v.idx", "w.idx"}},
	{name: "two tables, no files before", declared: []string{"v.idx", "w.idx"}, absent: true},
}

var tables = []string{"v", "w"}

// build makes the database of a case, in a directory that becomes the current one,
// with two vectors in each file, and gives the paths that the tables declare.
func (c *flushCase) build(t *testing.T) (database string, paths []string) {
	t.Helper()
	directory := t.TempDir()
	t.Chdir(directory)
	if c.prepare != nil {
		if err := os.WriteFile("v.idx", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.prepare(directory); err != nil {
			t.Fatal(err)
		}
	}
	database = filepath.Join(directory, "app.db")
	for i, path := range c.declared {
		if !strings.HasPrefix(path, ".") {
			path = filepath.Join(directory, path)
		}
		paths = append(paths, path)
		_ = os.Truncate(path, 0)
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			real = path
		}
		_ = os.Remove(real)
		conn := openVectors(t, database)
		statement(t, conn, fmt.Sprintf("CREATE VIRTUAL TABLE %s USING vectorlite(e float32[1], hnsw(max_elements=99), '%s')", tables[i], path))
		insert(t, conn, tables[i], 1, 2)
		conn.Close() // which lets vectorlite write the file
		if c.absent {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		} else if got := elements(t, path); got != 2 {
			t.Fatalf("%s has %d vectors, want 2", path, got)
		}
	}
	if c.prepare != nil && !strings.HasPrefix(c.declared[0], "link") {
		_ = os.Remove("v.idx")
	}
	return database, paths
}

// openVectors opens a connection that has vectorlite, and ends when it is closed.
func openVectors(t testing.TB, database string) *sql.Conn {
	t.Helper()
	register()
	db, err := sql.Open("sqlite3_vectorlite", database+"?_busy_timeout=5000&_sync=OFF")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxIdleConns(0)
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func statement(t testing.TB, conn *sql.Conn, text string) {
	t.Helper()
	if _, err := conn.ExecContext(context.Background(), text); err != nil {
		t.Fatalf("%s: %v (run make unit, which fetches vectorlite)", text, err)
	}
}

// insert inserts vectors with the row numbers from first to last.
func insert(t testing.TB, conn *sql.Conn, table string, first, last int) {
	t.Helper()
	if err := tryInsert(conn, table, first, last); err != nil {
		t.Fatal(err)
	}
}

func tryInsert(conn *sql.Conn, table string, first, last int) error {
	for i := first; i <= last; i++ {
		if _, err := conn.ExecContext(context.Background(), fmt.Sprintf("INSERT INTO %s(rowid, e) VALUES (%d, vector_from_json('[%d]'))", table, i, i)); err != nil {
			return err
		}
	}
	return nil
}

// inMemory counts the vectors from first to last that a connection has.
func inMemory(conn *sql.Conn, table string, first, last int) (n int, err error) {
	for i := first; i <= last; i++ {
		var has int
		if err := conn.QueryRowContext(context.Background(), fmt.Sprintf("SELECT count(*) FROM %s WHERE rowid = %d", table, i)).Scan(&has); err != nil {
			return n, err
		}
		n += has
	}
	return n, nil
}

func connOf(conn *sql.Conn) (known *live.Conn, err error) {
	err = conn.Raw(func(driver any) (err error) {
		known, err = live.OfDriver(driver)
		return err
	})
	return known, err
}

// sample says whether a test takes a step: the complete sweeps are for VXSNAP_LONG=1.
func sample(step, stride int) bool {
	return os.Getenv("VXSNAP_LONG") != "" || step%stride == 0
}
