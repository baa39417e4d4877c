package vxsnap_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// declare puts a vectorlite table into a schema as a stranger can: with a path of
// his choice, and without vectorlite.
func declare(path string) []string {
	return []string{
		"PRAGMA writable_schema = ON",
		"INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=10), ''" + path + "'')')",
	}
}

// A schema may name any file as an index file, a database of another connection
// of the process too. Its locks stay: another process cannot write through them.
func TestLocksOfOtherDatabases(t *testing.T) {
	for _, shadow := range []string{
		"",
		"CREATE VIEW pragma_database_list AS SELECT 1 AS seq, 'none' AS name, '' AS file",
		"CREATE TABLE pragma_database_list(seq, name, file)",
	} {
		for _, query := range []string{
			"SELECT count(*) FROM vx_snapshot_files",
			"SELECT count(*) FROM vx_snapshot_chunks",
			"SELECT count(*) FROM vx_snapshot_chunks(65536, 'main', 'disk')",
			"SELECT vx_snapshot_flush()",
		} {
			for _, own := range []bool{false, true} {
				dir := t.TempDir()
				app, side := filepath.Join(dir, "app.db"), filepath.Join(dir, "side.db")
				if own {
					side = app
				}
				stranger := connect(t, "vectorlite", side)
				run(t, stranger, "CREATE TABLE t(a)")
				if shadow != "" {
					run(t, stranger, shadow)
				}
				run(t, stranger, declare(app)...)
				holder := open(t, app)
				run(t, holder, "CREATE TABLE IF NOT EXISTS t(a)", "BEGIN IMMEDIATE", "INSERT INTO t VALUES (1)")
				_, err := tryText(stranger, query)
				if strings.Contains(query, "chunks") && (err == nil || !strings.Contains(err.Error(), "open in this process already")) {
					t.Errorf("%s: %v", query, err)
				}
				out, err := exec.Command("sqlite3", app, "INSERT INTO t VALUES (2)").CombinedOutput()
				if err == nil || !strings.Contains(string(out), "locked") {
					t.Errorf("%q, own %v: after %s another process wrote through the lock: %s%v", shadow, own, query, out, err)
				}
				run(t, holder, "COMMIT")
			}
		}
	}
}

// A read of a path that leads to a database that this process has open drops none of its
// locks, whichever name it has, and a transaction goes on.
func TestLocksOfWhatIsRead(t *testing.T) {
	dir := t.TempDir()
	app := filepath.Join(dir, "app.db")
	holder := open(t, app)
	run(t, holder, "CREATE TABLE t(a)")
	if err := errors.Join(os.Link(app, dir+"/second"), os.Symlink(app, dir+"/link"), os.Symlink(dir, dir+"/folder")); err != nil {
		t.Fatal(err)
	}
	base, rows := dir+"/base", filepath.Join(dir, "rows.db")
	run(t, holder, "ATTACH '"+rows+"' AS rows", "CREATE TABLE rows.snap AS SELECT i.* FROM (SELECT manifest FROM vx_snapshot_chunks WHERE manifest IS NOT NULL) AS old, vx_snapshot_chunks(NULL, NULL, NULL, NULL, old.manifest) AS i")
	other := open(t, ":memory:")
	run(t, other, "ATTACH '"+rows+"' AS rows")
	if err := os.Mkdir(base, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, conn := range []*sql.Conn{holder, other} {
		for _, path := range []string{app, dir + "/second", dir + "/link", dir + "/folder/app.db", "/proc/self/root" + app} {
			run(t, holder, "BEGIN IMMEDIATE", "INSERT INTO t VALUES (1)")
			if _, err := tryText(conn, "SELECT count(*) FROM vx_snapshot_read(?)", path); err == nil || !strings.Contains(err.Error(), "there is no entry of a tar stream") {
				t.Errorf("%s: %v", path, err)
			}
			_ = os.Remove(base + "/database.db")
			if err := os.Symlink(path, base+"/database.db"); err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct{ query, want string }{
				{"SELECT typeof(vx_snapshot_manifest(?))", "blob"},
				{"SELECT vx_snapshot_verify(" + rowColumns + ", ?) FROM rows.snap", "ok"},
				{"SELECT typeof(vx_snapshot_restore('" + dir + "/new', " + rowColumns + ", ?)) FROM rows.snap", "text"},
			} {
				if got, err := tryText(conn, c.query, base); err != nil || got != c.want {
					t.Errorf("%s: %s: %s, %v", path, c.query, got, err)
				}
			}
			if out, err := exec.Command("cmp", app, dir+"/new/database.db").CombinedOutput(); err != nil {
				t.Errorf("%s%v", out, err)
			}
			if err := os.RemoveAll(dir + "/new"); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("sqlite3", app, "INSERT INTO t VALUES (2)").CombinedOutput()
			if err == nil || !strings.Contains(string(out), "locked") {
				t.Errorf("after a read of %s another process wrote through the lock: %s%v", path, out, err)
			}
			run(t, holder, "ROLLBACK")
		}
	}
}

// The names of pragma functions and of LIKE belong to whoever writes the schema or
// the host: none of them changes what a snapshot takes, or hangs one.
func TestShadowedSQL(t *testing.T) {
	endless := "CREATE VIEW pragma_module_list AS WITH RECURSIVE n(name) AS (SELECT 1 UNION ALL SELECT name + 1 FROM n) SELECT name FROM n"
	for _, bend := range []string{
		"CREATE TABLE pragma_module_list(name)",
		"CREATE TABLE pragma_database_list(seq, name, file)",
		"CREATE TABLE pragma_page_count(page_count)",
		endless,
		"PRAGMA case_sensitive_like = ON",
	} {
		t.Run(bend[:min(len(bend), 40)], func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "live.db")
			conn := connect(t, "vectorlite", file)
			run(t, conn, "CREATE TABLE docs(id)", bend,
				fmt.Sprintf("CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=10), '%s/v.idx')", dir),
				fmt.Sprintf("INSERT INTO v(rowid, e) VALUES (1, vector_from_json('%s'))", vector(1)))
			if got := text(t, conn, "SELECT state FROM vx_snapshot_files WHERE file_type = 'hnsw_index'"); got != "missing" {
				t.Errorf("before a flush: %s", got)
			}
			if _, err := tryText(conn, "SELECT count(*) FROM vx_snapshot_chunks"); err == nil || !strings.Contains(err.Error(), "may hold a newer index") {
				t.Errorf("'auto' before a flush: %v", err)
			}
			if got := text(t, conn, "SELECT vx_snapshot_flush()"); got != "1" {
				t.Errorf("flush wrote %s files", got)
			}
			for _, begin := range []string{"PRAGMA user_version", "BEGIN; SELECT * FROM docs"} { // a pin, and a spool
				run(t, conn, begin)
				if got := text(t, conn, "SELECT json_extract(metadata_json, '$.files[0].elements') FROM vx_snapshot_chunks WHERE seq = 0"); got != "1" {
					t.Errorf("%s: %q elements, want 1", begin, got)
				}
			}
			run(t, conn, "COMMIT")
		})
	}
}

// SQLite folds A to Z only: "Ä" and "ä" are two databases.
func TestSchemaNamesBeyondASCII(t *testing.T) {
	dir := t.TempDir()
	conn := open(t, ":memory:")
	for name, value := range map[string]string{"Ä": "upper", "ä": "lower"} {
		run(t, conn, fmt.Sprintf("ATTACH '%s/%s.db' AS %q", dir, value, name), fmt.Sprintf("CREATE TABLE %q.t(a)", name), fmt.Sprintf("INSERT INTO %q.t VALUES ('%s')", name, value))
	}
	for name, want := range map[string]string{"Ä": "upper", "ä": "lower"} {
		if got := text(t, open(t, restore(t, conn, name, 65536)), "SELECT a FROM t"); got != want {
			t.Errorf("schema %s: got the bytes of %s", name, got)
		}
		for _, state := range strings.Split(text(t, conn, "SELECT path FROM vx_snapshot_files(?)", name), "\n") {
			if filepath.Base(state) != want+".db" {
				t.Errorf("files of %s: %s", name, state)
			}
		}
	}
}
