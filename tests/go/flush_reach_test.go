package vxsnap_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// A flush is a statement of its own: another that can reach the table keeps it
// connected, and is refused before anything is lost, the caller's too.
func TestFlushBesideStatements(t *testing.T) {
	const flush = "SELECT vx_snapshot_flush()"
	for _, test := range []struct{ name, schema, statement, flush string }{
		{"the caller's own", "", "", "SELECT vx_snapshot_flush(), rowid FROM v WHERE knn_search(e, knn_param(vector_from_json('" + vector(1) + "'), 2))"},
		{"with the function's name in a comment", "", "SELECT rowid /* vx_snapshot_flush */ FROM v WHERE rowid = 1", flush},
		{"a cascade", "CREATE TABLE parent(id INTEGER PRIMARY KEY); CREATE TABLE child(id REFERENCES parent ON DELETE CASCADE); CREATE TRIGGER gone AFTER DELETE ON child BEGIN DELETE FROM v WHERE rowid = old.id; END",
			"DELETE FROM parent WHERE id = 77", flush},
		{"a cascade of a cascade", "CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(id INTEGER PRIMARY KEY REFERENCES a ON DELETE CASCADE); CREATE TABLE c(id REFERENCES b ON DELETE CASCADE); CREATE TRIGGER gone AFTER DELETE ON c BEGIN DELETE FROM v WHERE rowid = old.id; END",
			"DELETE FROM a WHERE id = 77", flush},
		{"a view beyond ASCII", `CREATE VIEW "Über" AS SELECT rowid FROM v WHERE rowid = 1`, `SELECT * FROM "Über"`, flush},
		{"a view beyond ASCII, in another case", `CREATE VIEW "Übersicht" AS SELECT rowid FROM v WHERE rowid = 1`, `SELECT * FROM ÜBERSICHT`, flush},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := connect(t, "vectorlite", filepath.Join(t.TempDir(), "live.db"))
			run(t, conn, "PRAGMA foreign_keys = ON",
				"CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=10), '"+filepath.Join(t.TempDir(), "v.idx")+"')", insertVector(1), insertVector(2))
			if test.schema != "" {
				run(t, conn, test.schema)
			}
			if test.statement != "" && !strings.Contains(test.statement, "ÜBERSICHT") {
				statement, err := conn.PrepareContext(t.Context(), test.statement)
				if err != nil {
					t.Fatal(err)
				}
				defer statement.Close()
				rows, err := statement.QueryContext(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				rows.Next()
				rows.Close()
			} else if test.statement != "" {
				return // "Ü" and "ü" are two letters to SQLite: there is no such view
			}
			if got, err := tryText(conn, test.flush); err == nil || !strings.Contains(err.Error(), "nothing was written, because the prepared statement") {
				t.Errorf("flush: %q, %v", got, err)
			}
			if got := text(t, conn, "SELECT count(*) FROM v WHERE rowid IN (1, 2)"); got != "2" {
				t.Errorf("%s vectors are left, want 2", got)
			}
		})
	}
}

// A table whose vectors no file can have is an error of 'auto', which would leave
// them out; 'disk' and 'none' go on.
func TestTableWithoutPath(t *testing.T) {
	conn := connect(t, "vectorlite", filepath.Join(t.TempDir(), "live.db"))
	run(t, conn, "CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=10))")
	const count = "SELECT json_array_length(metadata_json, '$.files') FROM vx_snapshot_chunks(65536, 'main', ?) WHERE seq = 0"
	if _, err := tryText(conn, count, "auto"); err == nil || !strings.Contains(err.Error(), "the index of table 'v' has no file") {
		t.Errorf("'auto': %v", err)
	}
	for _, word := range []string{"disk", "none"} {
		if got := text(t, conn, count, word); got != "1" {
			t.Errorf("'%s': %s files", word, got)
		}
	}
}

// On a full disk a flush keeps the file of before.
func TestFlushFullDiskKeepsTheFile(t *testing.T) {
	disk := smallDisk(t, 64)
	file := filepath.Join(t.TempDir(), "live.db")
	conn := connect(t, "vectorlite", file)
	run(t, conn, "CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=1000), '"+disk+"/v.idx')", insertVector(1), insertVector(2))
	text(t, conn, "SELECT vx_snapshot_flush()")
	run(t, conn, "INSERT INTO v(rowid, e) SELECT value, vector_from_json('"+vector(3)+"') FROM (WITH RECURSIVE n(value) AS (SELECT 100 UNION ALL SELECT value + 1 FROM n WHERE value < 900) SELECT value FROM n)")
	if _, err := tryText(conn, "SELECT vx_snapshot_flush()"); err == nil || !strings.Contains(err.Error(), "The file is what it was before the flush") {
		t.Errorf("on a full disk: %v", err)
	}
	if left, _ := filepath.Glob(disk + "/*"); len(left) != 1 {
		t.Errorf("left on the disk: %q", left)
	}
	again := connect(t, "vectorlite", file)
	if got := text(t, again, "SELECT count(*) FROM v WHERE rowid IN (1, 2)"); got != "2" {
		t.Errorf("the file has %s vectors, want 2", got)
	}
}
