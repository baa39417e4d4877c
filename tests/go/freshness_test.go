package vxsnap_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const elementsNow = "SELECT json_extract(metadata_json, '$.files[0].elements') FROM vx_snapshot_chunks WHERE seq = 0"

// indexState is what vx_snapshot_files says of the first index file.
func indexState(t *testing.T, conn *sql.Conn) string {
	t.Helper()
	return text(t, conn, "SELECT state FROM vx_snapshot_files WHERE file_name = 'index_0.idx'")
}

func refused(t *testing.T, conn *sql.Conn, state, words string) {
	t.Helper()
	if got := indexState(t, conn); got != state {
		t.Errorf("state %s, want %s", got, state)
	}
	if _, err := tryText(conn, elementsNow); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("'auto': got %v, want an error with %q", err, words)
	}
}

func taken(t *testing.T, conn *sql.Conn, elements string) {
	t.Helper()
	if got := indexState(t, conn); got != "ok" {
		t.Errorf("state %s: %s", got, text(t, conn, "SELECT detail FROM vx_snapshot_files"))
	}
	if got, err := tryText(conn, elementsNow); err != nil || got != elements {
		t.Errorf("'auto': %s elements, %v; want %s", got, err, elements)
	}
}

func insertVector(i int) string {
	return fmt.Sprintf("INSERT INTO v(rowid, e) VALUES (%d, vector_from_json('%s'));", i, vector(i))
}

// Two connections hold different indexes, and the last to close wins: what a flush
// wrote is not what somebody else wrote over it.
func TestFileOfAnotherConnection(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		file, _ := vectorTable(t, t.TempDir(), 1)
		other := startShell(t, file, "PRAGMA journal_mode = "+mode+";", loadVectorlite(), "SELECT count(*) FROM v WHERE rowid = 1;")
		conn := connect(t, "vectorlite", file)
		run(t, conn, insertVector(2))
		if got := text(t, conn, "SELECT vx_snapshot_flush()"); got != "1" {
			t.Fatalf("flush: %s", got)
		}
		taken(t, conn, "2")
		if detail := text(t, conn, "SELECT detail FROM vx_snapshot_files WHERE file_name = 'index_0.idx'"); !strings.Contains(detail, "(sqlite3) may hold other vectors") {
			t.Errorf("%s: detail: %s", mode, detail)
		}
		other.close()
		refused(t, conn, "held", "two connections hold different indexes, and the last to close wins")
	}
}

// Another process holds vectors that no file has yet, and somebody without
// vectorlite takes a snapshot: no time of any file tells that.
func TestVectorsOfAnotherProcess(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		for _, also := range []string{"", "INSERT INTO docs VALUES (99, 'x');"} {
			file, _ := vectorTable(t, t.TempDir(), 2)
			other := startShell(t, file, "PRAGMA journal_mode = "+mode+";", loadVectorlite(), insertVector(3), also)
			conn := open(t, file)
			refused(t, conn, "held", "(sqlite3) may hold a newer index of table 'v' in memory; take the snapshot in the connection that holds the vectors, or flush there and pass index_files = 'disk' here")
			// So with vectorlite, where a flush has nothing to write.
			with := connect(t, "vectorlite", file)
			if got := text(t, with, "SELECT vx_snapshot_flush()"); got != "0" {
				t.Errorf("a flush of nothing wrote %s files", got)
			}
			refused(t, with, "held", "may hold a newer index")
			other.close()
			taken(t, conn, "3")
		}
	}
}

// Connections of the same process count as others do, with vxsnap or without.
func TestVectorsOfAnotherConnection(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		file, _ := vectorTable(t, t.TempDir(), 2)
		other := connect(t, "vectorlite", file)
		run(t, other, "PRAGMA journal_mode = "+mode)
		text(t, other, "SELECT rowid FROM v WHERE rowid = 1")
		conn := open(t, file)
		taken(t, conn, "2")
		run(t, other, insertVector(3))
		refused(t, conn, "held", "another connection of this process may hold a newer index")
		text(t, other, "SELECT vx_snapshot_flush()")
		taken(t, conn, "3")
	}
}

// A connection that wrote other tables only has nothing to flush.
func TestOrdinaryWrites(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		file, _ := vectorTable(t, t.TempDir(), 2)
		conn := connect(t, "vectorlite", file)
		run(t, conn, "PRAGMA journal_mode = "+mode)
		for i := range 3 {
			run(t, conn, fmt.Sprintf("INSERT INTO docs VALUES (%d, 'x')", 100+i))
			taken(t, conn, "2")
		}
		run(t, conn, insertVector(3))
		refused(t, conn, "stale", "this connection may hold a newer index of table 'v' in memory; run SELECT vx_snapshot_flush()")
		if got := text(t, conn, "SELECT vx_snapshot_flush()"); got != "1" {
			t.Errorf("flush: %s", got)
		}
		taken(t, conn, "3")
		run(t, conn, "INSERT INTO docs VALUES (200, 'x')")
		taken(t, conn, "3")
		text(t, conn, "SELECT vx_snapshot_flush()")
		search := used(t, conn, "SELECT rowid FROM v WHERE rowid = 1") // which connects the table
		taken(t, conn, "3")
		search.Close()
	}
}

// A database that nobody has open is taken, however its times stand.
func TestNobodyHasItOpen(t *testing.T) {
	old, future := time.Now().Add(-48*time.Hour), time.Now().Add(48*time.Hour)
	for name, do := range map[string]func(t *testing.T, file, index string) (string, error){
		"as it is":       func(_ *testing.T, file, _ string) (string, error) { return file, nil },
		"index older":    func(_ *testing.T, file, index string) (string, error) { return file, os.Chtimes(index, old, old) },
		"database newer": func(_ *testing.T, file, _ string) (string, error) { return file, os.Chtimes(file, future, future) },
		"moved": func(_ *testing.T, file, _ string) (string, error) {
			return file + ".moved", os.Rename(file, file+".moved")
		},
		"restored": func(t *testing.T, file, _ string) (string, error) {
			return restore(t, open(t, file), "main", 65536), nil
		},
		"checkpointed": func(t *testing.T, file, _ string) (string, error) {
			startShell(t, file, "PRAGMA journal_mode = WAL;", "INSERT INTO docs VALUES (77, 'x');", "PRAGMA wal_checkpoint;").close()
			return file, nil
		},
		"written without vectorlite": func(t *testing.T, file, _ string) (string, error) {
			startShell(t, file, "INSERT INTO docs VALUES (77, 'x');").close()
			return file, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			file, index := filepath.Join(t.TempDir(), "live.db"), ""
			index = filepath.Join(filepath.Dir(file), "v.idx")
			startShell(t, file, loadVectorlite(), "CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT);",
				"CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=10), '"+index+"');", insertVector(1), insertVector(2)).close()
			file, err := do(t, file, index)
			if err != nil {
				t.Fatal(err)
			}
			taken(t, open(t, file), "2")
			taken(t, connect(t, "vectorlite", file), "2")
		})
	}
}

// A statement from before a reset of the schema keeps its table, and what that
// has in memory, though the connection has the table no more.
func TestVectorsOfAStatement(t *testing.T) {
	for _, query := range []string{"SELECT rowid FROM v WHERE rowid = 1", "SELECT * FROM one"} {
		file, _ := vectorTable(t, t.TempDir(), 2)
		conn := connect(t, "vectorlite", file)
		run(t, conn, "CREATE VIEW one AS SELECT rowid FROM v WHERE rowid = 1", insertVector(3))
		statement, err := conn.PrepareContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		run(t, conn, "PRAGMA writable_schema = RESET")
		refused(t, conn, "stale", "this connection may hold a newer index of table 'v' in memory")
		statement.Close()
		taken(t, conn, "3")
	}
}

// A connection without vectorlite has no index, whatever its statements mention.
func TestWordsWithoutVectorlite(t *testing.T) {
	file, _ := vectorTable(t, t.TempDir(), 2)
	conn := open(t, file)
	statement, err := conn.PrepareContext(t.Context(), "INSERT INTO docs(title) VALUES ('v')")
	if err != nil {
		t.Fatal(err)
	}
	defer statement.Close()
	if _, err := statement.ExecContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	taken(t, conn, "2")
}

// A database in memory is nobody else's.
func TestIndexOfADatabaseInMemory(t *testing.T) {
	_, index := vectorTable(t, t.TempDir(), 2)
	conn := connect(t, "vectorlite", ":memory:")
	run(t, conn, "CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=12), '"+index+"')")
	taken(t, conn, "2")
}

// A flush of a connection that only searched writes nothing: somebody else may
// have written the file since.
func TestFlushOfASearch(t *testing.T) {
	file, _ := vectorTable(t, t.TempDir(), 2)
	conn := connect(t, "vectorlite", file)
	text(t, conn, "SELECT rowid FROM v WHERE rowid = 1")
	startShell(t, file, loadVectorlite(), insertVector(3)).close()
	if got := text(t, conn, "SELECT vx_snapshot_flush()"); got != "0" {
		t.Errorf("flush wrote %s files", got)
	}
	taken(t, conn, "3")
}

// A database that is attached under two names is one: what was inserted through
// one of them is newer than the file for the other too.
func TestAttachedTwice(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		file, _ := vectorTable(t, t.TempDir(), 2)
		conn := connect(t, "vectorlite", file)
		run(t, conn, "PRAGMA journal_mode = "+mode, "ATTACH '"+file+"' AS b", strings.Replace(insertVector(3), "INTO v", "INTO b.v", 1))
		refused(t, conn, "stale", "this connection may hold a newer index")
		if _, err := tryText(conn, relocate); err == nil || !strings.Contains(err.Error(), "is in use on this connection") {
			t.Errorf("relocate: %v", err)
		}
	}
}

// Connections that share a cache are asked, and nothing hangs.
func TestSharedCache(t *testing.T) {
	file, _ := vectorTable(t, t.TempDir(), 2)
	uri := "file:" + file + "?cache=shared"
	first, second := connect(t, "vectorlite", uri), connect(t, "vectorlite", uri)
	text(t, first, "SELECT count(*) FROM docs")
	taken(t, second, "2")
	run(t, first, insertVector(3))
	refused(t, second, "held", "another connection of this process")
}

// A database that came to WAL mode with the vectors already in memory: their
// connection holds no lock, and its descriptor shows.
func TestHolderFromBeforeTheWAL(t *testing.T) {
	file, _ := vectorTable(t, t.TempDir(), 2)
	holder := startShell(t, file, loadVectorlite(), insertVector(3))
	conn := open(t, file)
	run(t, conn, "PRAGMA journal_mode = WAL")
	refused(t, conn, "held", "(sqlite3) may hold a newer index")
	holder.close()
	taken(t, conn, "3")
}

// A transaction that may stand at an older commit than the index files.
func TestOlderCommit(t *testing.T) {
	file, _ := vectorTable(t, t.TempDir(), 2)
	conn := open(t, file)
	run(t, conn, "PRAGMA journal_mode = WAL", "BEGIN", "SELECT * FROM docs")
	if _, err := tryText(conn, elementsNow); err == nil || !strings.Contains(err.Error(), "may stand at an older commit than its index files") {
		t.Errorf("'auto': %v", err)
	}
	run(t, conn, "COMMIT")
	taken(t, conn, "2")
}

// A table may have the name of a word that every flush has.
func TestFlushOfATableCalledSelect(t *testing.T) {
	for _, name := range []string{"select", "vx_snapshot_flush"} {
		conn := connect(t, "vectorlite", filepath.Join(t.TempDir(), "live.db"))
		run(t, conn, fmt.Sprintf("CREATE VIRTUAL TABLE %q USING vectorlite(e float32[8], hnsw(max_elements=10), '%s/v.idx')", name, t.TempDir()))
		if got := text(t, conn, "SELECT vx_snapshot_flush()"); got != "1" {
			t.Errorf("table %s: %s", name, got)
		}
	}
}
