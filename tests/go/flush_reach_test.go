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
		{"a cascade, in another case", "CREATE TABLE Parent(id INTEGER PRIMARY KEY); CREATE TABLE Child(id REFERENCES pARENT ON DELETE CASCADE); CREATE TRIGGER gone AFTER DELETE ON cHILD BEGIN DELETE FROM V WHERE rowid = old.id; END",
			"DELETE FROM paRent WHERE id = 77", flush},
		{"a trigger", "CREATE TABLE t(id); CREATE TRIGGER gone AFTER DELETE ON t BEGIN DELETE FROM v WHERE rowid = old.id; END", "DELETE FROM t WHERE id = 77", flush},
		{"a view", "CREATE VIEW Closest AS SELECT rowid FROM v WHERE rowid = 1", "SELECT * FROM cLOSEST", flush},
		{"a view of a view", "CREATE VIEW later AS SELECT * FROM closest; CREATE VIEW closest AS SELECT rowid FROM v WHERE rowid = 1; ", "SELECT * FROM later", flush},
		{"a temporary view", "CREATE TEMP VIEW closest AS SELECT rowid FROM v WHERE rowid = 1", "SELECT * FROM closest", flush},
		{"behind another word", "", "SELECT 1 AS v1, rowid FROM v WHERE rowid = 1", flush},
		{"double quotes in a name", `CREATE VIEW "o""ver" AS SELECT rowid FROM v WHERE rowid = 1`, `SELECT * FROM "o""ver"`, flush},
		{"single quotes in a name", `CREATE VIEW "o'ver" AS SELECT rowid FROM v WHERE rowid = 1`, `SELECT * FROM 'o''ver'`, flush},
		{"back quotes in a name", "CREATE VIEW \"o`ver\" AS SELECT rowid FROM v WHERE rowid = 1", "SELECT * FROM `o``ver`", flush},
		{"a view beyond ASCII", `CREATE VIEW "Über" AS SELECT rowid FROM v WHERE rowid = 1`, `SELECT * FROM "Über"`, flush},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := connect(t, "vectorlite", filepath.Join(t.TempDir(), "live.db"))
			run(t, conn, "PRAGMA foreign_keys = ON",
				"CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=10), '"+filepath.Join(t.TempDir(), "v.idx")+"')", insertVector(1), insertVector(2))
			if test.schema != "" {
				run(t, conn, test.schema)
			}
			if test.statement != "" {
				defer used(t, conn, test.statement).Close()
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

// A statement that only resembles the name of a table, or made one, keeps none
// connected.
func TestFlushBesideOtherStatements(t *testing.T) {
	conn := connect(t, "vectorlite", filepath.Join(t.TempDir(), "live.db"))
	for i, query := range []string{
		"CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=20), '" + filepath.Join(t.TempDir(), "v.idx") + "')",
		`SELECT 1 AS "vé"`, `SELECT 1 AS "év"`, "SELECT 1 AS v_", "SELECT 1 AS _v", "SELECT 1 AS v$", "SELECT 1 AS v1", "SELECT 1 AS vz", "SELECT 1 AS av", "SELECT 1 AS vV",
	} {
		defer used(t, conn, query).Close()
		run(t, conn, insertVector(i+1))
		if got, err := tryText(conn, "SELECT vx_snapshot_flush()"); err != nil || got != "1" {
			t.Errorf("flush beside %s: %q, %v", query, got, err)
		}
	}
	// Without vectorlite no statement can keep its tables.
	plain := open(t, filepath.Join(t.TempDir(), "plain.db"))
	run(t, plain, declare("/nowhere/v.idx")...)
	statement, err := plain.PrepareContext(t.Context(), "SELECT 1 AS v")
	if err != nil {
		t.Fatal(err)
	}
	defer statement.Close()
	if got, err := tryText(plain, "SELECT vx_snapshot_flush()"); err != nil || got != "0" {
		t.Errorf("flush without vectorlite: %q, %v", got, err)
	}
}

// A flush writes the tables of every database, and of each its own.
func TestFlushOfAttached(t *testing.T) {
	dir := t.TempDir()
	conn := connect(t, "vectorlite", filepath.Join(dir, "live.db"))
	run(t, conn, "ATTACH '"+dir+"/side.db' AS side", "CREATE VIRTUAL TABLE side.v USING vectorlite(e float32[8], hnsw(max_elements=10), '"+dir+"/v.idx')",
		"INSERT INTO side.v(rowid, e) VALUES (1, vector_from_json('"+vector(1)+"'))")
	if got := text(t, conn, "SELECT state FROM vx_snapshot_files('side') WHERE file_name = 'index_0.idx'"); got != "missing" {
		t.Errorf("before: %s", got)
	}
	if _, err := tryText(conn, "SELECT count(*) FROM vx_snapshot_chunks(65536, 'side')"); err == nil || !strings.Contains(err.Error(), "this connection may hold a newer index of table 'v'") {
		t.Errorf("'auto' before a flush: %v", err)
	}
	if got := text(t, conn, "SELECT vx_snapshot_flush()"); got != "1" {
		t.Errorf("flush: %s", got)
	}
	if got := text(t, conn, "SELECT state FROM vx_snapshot_files('side') WHERE file_name = 'index_0.idx'"); got != "ok" {
		t.Errorf("after: %s", got)
	}
}

// A table whose vectors no file can have is an error of 'auto', which would leave
// them out; 'disk' and 'none' go on.
func TestTableWithoutPath(t *testing.T) {
	conn := connect(t, "vectorlite", filepath.Join(t.TempDir(), "live.db"))
	run(t, conn, "CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=10))")
	run(t, conn, insertVector(1)) // also where a flush could not write it
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
