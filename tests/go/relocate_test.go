package vxsnap_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const relocate = "SELECT vx_snapshot_relocate()"

// moved makes a database with n vectors and moves it and its index file to
// another directory.
func moved(t *testing.T, n int) (file, index string) {
	t.Helper()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "moved")
	declaration := fmt.Sprintf("CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=%d), '%s/v.idx');", n+10, from)
	lines := []string{loadVectorlite(), "CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT);", declaration}
	for i := range n {
		lines = append(lines, insertVector(i+1))
	}
	startShell(t, filepath.Join(from, "live.db"), lines...).close()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(to, "live.db"), filepath.Join(to, "v.idx")
}

const search = "SELECT count(*) FROM v WHERE knn_search(e, knn_param(vector_from_json(?), 10))"

// A directory that was moved has every vector again once it is relocated, and
// nothing is written to where it was.
func TestRelocate(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		file, index := moved(t, 5)
		conn := connect(t, "vectorlite", file)
		run(t, conn, "PRAGMA journal_mode = "+mode)
		for _, want := range []string{"1", "0"} {
			if got := text(t, conn, relocate); got != want {
				t.Errorf("%s: relocated %s tables, want %s", mode, got, want)
			}
		}
		if got := text(t, conn, search, vector(2)); got != "5" {
			t.Errorf("%s: a search finds %s of 5", mode, got)
		}
		taken(t, conn, "5")
		run(t, conn, insertVector(6))
		text(t, conn, "SELECT vx_snapshot_flush()")
		if info, err := os.Stat(index); err != nil || info.Size() == 0 {
			t.Errorf("%s: the index file: %v", mode, err)
		}
		if got := text(t, conn, "PRAGMA integrity_check"); got != "ok" {
			t.Error(got)
		}
	}
}

// A relocation changes nothing where it cannot be right.
func TestRelocateRefuses(t *testing.T) {
	for _, test := range []struct {
		name, want string
		do         func(t *testing.T, file, index string) []string // on the connection, before
	}{
		{"missing", "nothing was changed, because there is no index file", func(t *testing.T, _, index string) []string {
			os.Remove(index)
			return nil
		}},
		{"damaged", "not an hnswlib index", func(t *testing.T, _, index string) []string {
			os.WriteFile(index, []byte("no index"), 0o600)
			return nil
		}},
		{"in use", "table 'v' is in use on this connection", func(*testing.T, string, string) []string {
			return []string{"SELECT rowid FROM v WHERE rowid = 1"}
		}},
		{"in a transaction", "cannot run inside a transaction", func(*testing.T, string, string) []string { return []string{"BEGIN"} }},
		{"open elsewhere", "(sqlite3) has the database open", func(t *testing.T, file, _ string) []string {
			startShell(t, file, "SELECT count(*) FROM docs;")
			return nil
		}},
		{"two tables, one file", "would have the same index file", func(t *testing.T, file, _ string) []string {
			startShell(t, file, loadVectorlite(), "CREATE VIRTUAL TABLE w USING vectorlite(e float32[8], hnsw(max_elements=9), '"+t.TempDir()+"/v.idx');").close()
			return nil
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			file, index := moved(t, 3)
			before := test.do(t, file, index)
			conn := connect(t, "vectorlite", file)
			schema := text(t, conn, "SELECT sql FROM sqlite_schema")
			run(t, conn, before...)
			if got, err := tryText(conn, relocate); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, %v; want an error with %q", got, err, test.want)
			}
			if now := text(t, conn, "SELECT sql FROM sqlite_schema"); now != schema {
				t.Errorf("the schema is now %s", now)
			}
		})
	}
	if _, err := tryText(open(t, ":memory:"), relocate); err == nil || !strings.Contains(err.Error(), "is not in a file") {
		t.Errorf("in memory: %v", err)
	}
	plain := open(t, filepath.Join(t.TempDir(), "live.db"))
	run(t, plain, "CREATE TABLE t(a)")
	if got := text(t, plain, relocate); got != "0" {
		t.Errorf("without vectors: %s", got)
	}
}
