package vxsnap_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO t SELECT i, randomblob(500) FROM n"

// Every case has its way, and the content is right in each.
func TestWays(t *testing.T) {
	for _, test := range []struct {
		name    string
		uri     string // %s is the file; "" is the file itself
		schema  string
		before  []string // on the exporting connection
		other   []string // then on a second connection
		want    string   // prefix of the way
		content string   // SELECT max(a) FROM t in the restored database
	}{
		{name: "delete", want: "pin, rollback journal", content: "100"},
		{name: "truncate", before: []string{"PRAGMA journal_mode = TRUNCATE"}, want: "pin, rollback journal", content: "100"},
		{name: "persist", before: []string{"PRAGMA journal_mode = PERSIST"}, want: "pin, rollback journal", content: "100"},
		{name: "memory journal", before: []string{"PRAGMA journal_mode = MEMORY"}, want: "pin, rollback journal", content: "100"},
		{name: "no journal", before: []string{"PRAGMA journal_mode = OFF"}, want: "pin, rollback journal", content: "100"},
		{name: "wal, nothing in the WAL", before: []string{"PRAGMA journal_mode = WAL"},
			want: "pin, WAL, all of", content: "100"},
		{name: "wal, live frames", before: []string{"PRAGMA journal_mode = WAL"},
			other: []string{"INSERT INTO t VALUES (200, NULL)"}, want: "pin, WAL, 1 pages from 1 frames", content: "200"},
		{name: "wal, checkpointed", before: []string{"PRAGMA journal_mode = WAL"},
			other: []string{"INSERT INTO t VALUES (200, NULL)", "PRAGMA wal_checkpoint"}, want: "pin, WAL, all of 1 frames", content: "200"},
		{name: "explicit transaction, rollback journal", before: []string{"BEGIN", "SELECT * FROM t"},
			want: "pin, rollback journal", content: "100"},
		{name: "explicit transaction, WAL", before: []string{"PRAGMA journal_mode = WAL", "BEGIN", "SELECT * FROM t"},
			other: []string{"INSERT INTO t VALUES (200, NULL)"}, want: "spool: an explicit transaction in WAL mode", content: "100"},
		{name: "exclusive", before: []string{"PRAGMA locking_mode = EXCLUSIVE", "SELECT * FROM t"},
			want: "spool: locking_mode = EXCLUSIVE", content: "100"},
		{name: "exclusive, WAL", before: []string{"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", "INSERT INTO t VALUES (150, NULL)"},
			want: "spool: locking_mode = EXCLUSIVE", content: "150"},
		{name: "no shared memory", uri: "file:%s?vfs=unix-dotfile", want: "spool: a VFS without shared memory", content: "100"},
		{name: "read-only connection", uri: "file:%s?mode=ro", want: "pin, rollback journal", content: "100"},
		{name: "attached", schema: "side", before: []string{"ATTACH '%s' AS side"}, uri: ":memory:", want: "pin, rollback journal", content: "100"},
		{name: "temp", schema: "temp", before: []string{"CREATE TEMP TABLE t(a, b)", "INSERT INTO temp.t VALUES (7, 8)"},
			want: "spool: not a database in a file", content: "7"},
		{name: "in memory", uri: ":memory:", before: []string{"CREATE TABLE t(a, b)", "INSERT INTO t VALUES (7, 8)"},
			want: "spool: not a database in a file", content: "7"},
		{name: "shared in memory", uri: "file:/shared?vfs=memdb", before: []string{"CREATE TABLE t(a, b)", "INSERT INTO t VALUES (7, 8)"},
			want: "spool: not a database in a file", content: "7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "live.db")
			run(t, open(t, file), "CREATE TABLE t(a, b)", fill)
			uri := file
			if test.uri != "" {
				uri = strings.Replace(test.uri, "%s", file, 1)
			}
			conn := open(t, uri)
			for _, query := range test.before {
				run(t, conn, strings.Replace(query, "%s", file, 1))
			}
			if test.other != nil {
				run(t, open(t, file), test.other...)
			}
			schema := "main"
			if test.schema != "" {
				schema = test.schema
			}
			restored := open(t, restore(t, conn, schema, 1000))
			if got := way(t, conn); !strings.HasPrefix(got, test.want) {
				t.Errorf("way: got %q, want %q", got, test.want)
			}
			if got := text(t, restored, "PRAGMA integrity_check"); got != "ok" {
				t.Errorf("integrity_check: %s", got)
			}
			if got := text(t, restored, "SELECT max(a) FROM t"); got != test.content {
				t.Errorf("content: got %s, want %s", got, test.content)
			}
		})
	}
}

// A file that was replaced while the connection has it open: the snapshot is of
// what the connection sees, not of the new file.
func TestReplacedFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "live.db")
	conn := open(t, file)
	run(t, conn, "CREATE TABLE t(a, b)", fill)
	run(t, open(t, filepath.Join(dir, "new.db")), "CREATE TABLE other(a, b)")
	if err := os.Rename(filepath.Join(dir, "new.db"), file); err != nil {
		t.Fatal(err)
	}
	restored := open(t, restore(t, conn, "main", 1000))
	if got := way(t, conn); got != "spool: the database file was moved or replaced" {
		t.Errorf("way: got %q", got)
	}
	if got := text(t, restored, "SELECT max(a) FROM t"); got != "100" {
		t.Errorf("content: got %s", got)
	}
}

// The pin holds while the file grows, shrinks and changes its journal mode.
func TestPinHolds(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		t.Run(mode, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "live.db")
			conn, writer := open(t, file), open(t, file+"?_busy_timeout=1")
			run(t, conn, "PRAGMA journal_mode = "+mode, "CREATE TABLE t(a, b)", fill, fill)
			rows, err := conn.QueryContext(t.Context(), "SELECT seq, data FROM vx_snapshot_chunks(512)")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var bytes []byte
			for i := 0; rows.Next(); i++ {
				var seq int
				var data []byte
				if err := rows.Scan(&seq, &data); err != nil {
					t.Fatal(err)
				}
				bytes = append(bytes, data...)
				query := []string{"DELETE FROM t", "VACUUM", fill, "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA journal_mode = DELETE"}[i%5]
				_, err := writer.ExecContext(t.Context(), query)
				if locked := err != nil && strings.Contains(err.Error(), "locked"); mode == "DELETE" && i%5 < 3 && !locked {
					t.Fatalf("%s while a cursor is open: got %v, want database is locked", query, err)
				}
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			copied := filepath.Join(t.TempDir(), "copy.db")
			if err := os.WriteFile(copied, bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			if got := text(t, open(t, copied), "SELECT count(*) || (SELECT integrity_check FROM pragma_integrity_check) FROM t"); got != "200ok" {
				t.Errorf("got %s", got)
			}
		})
	}
}

// A snapshot of a database over 1 GiB goes around the page that holds SQLite's
// locks.
func TestLockBytePage(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "live.db")
	conn := open(t, file)
	run(t, conn, "PRAGMA page_size = 65536", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF", "CREATE TABLE t(a, b)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 11) INSERT INTO t SELECT i, zeroblob(100000000) FROM n",
		"PRAGMA wal_checkpoint(TRUNCATE)", "INSERT INTO t VALUES (12, randomblob(100000))")
	restored := open(t, restore(t, conn, "main", 1<<20))
	if got := way(t, conn); !strings.HasPrefix(got, "pin, WAL, ") || !strings.Contains(got, "pages from") {
		t.Errorf("way: got %q", got)
	}
	if got, want := text(t, restored, "SELECT count(*) || ' ' || sum(length(b)) FROM t"), fmt.Sprintf("12 %d", 11*100000000+100000); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
