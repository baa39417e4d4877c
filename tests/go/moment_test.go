package vxsnap_test

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// pinSchema holds a moment of a schema until the rows that it returns are closed.
func pinSchema(t *testing.T, conn *sql.Conn, schema string) *sql.Rows {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), "SELECT * FROM vx_snapshot_pin(?)", schema)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rows.Close() })
	if !rows.Next() {
		t.Fatalf("vx_snapshot_pin(%s) gave no row: %v", schema, rows.Err())
	}
	return rows
}

// Databases that are pinned side by side are streamed one after the other, each
// as it was when it was pinned, as often as one likes.
func TestPinnedSideBySide(t *testing.T) {
	dir := t.TempDir()
	conn := open(t, ":memory:")
	names := []string{"one", "two", "three"}
	writers := make(map[string]*sql.Conn)
	for i, name := range names {
		file := filepath.Join(dir, name+".db")
		writers[name] = open(t, file)
		run(t, writers[name], "PRAGMA journal_mode = WAL", "CREATE TABLE t(a, b)", fill)
		if i == 1 { // one of them has nothing in its WAL
			run(t, writers[name], "PRAGMA wal_checkpoint(TRUNCATE)")
		}
		run(t, conn, "ATTACH '"+file+"' AS "+name)
	}
	pins := make(map[string]*sql.Rows)
	for _, name := range names {
		pins[name] = pinSchema(t, conn, name)
		for _, writer := range writers {
			run(t, writer, "INSERT INTO t VALUES ((SELECT max(a) + 1 FROM t), NULL)")
		}
	}
	for range 2 {
		for i, name := range names { // pinned after i commits
			run(t, writers[name], "DELETE FROM t WHERE a < 50", "PRAGMA wal_checkpoint")
			got := text(t, open(t, restore(t, conn, name, 4096)), "SELECT max(a) || ' ' || min(a) FROM t")
			if want := []string{"100 1", "101 1", "102 1"}[i]; got != want {
				t.Errorf("%s: got %s, want %s", name, got, want)
			}
		}
	}
	pins["two"].Close()
	for i, want := range []string{"100 1", "103 50", "102 1"} {
		got := text(t, open(t, restore(t, conn, names[i], 4096)), "SELECT max(a) || ' ' || min(a) FROM t")
		if got != want {
			t.Errorf("after the second pin was closed, %s: got %s, want %s", names[i], got, want)
		}
	}
}
