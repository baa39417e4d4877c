package vxsnap_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vectorTable makes a database with a vectorlite table of n vectors.
func vectorTable(t *testing.T, dir string, n int) (file, index string) {
	file, index = filepath.Join(dir, "live.db"), filepath.Join(dir, "live.idx")
	conn := connect(t, "vectorlite", file)
	run(t, conn, "CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT)",
		fmt.Sprintf("CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=%d), '%s')", n+10, index))
	for i := range n {
		run(t, conn, fmt.Sprintf("INSERT INTO docs VALUES (%d, 'document %d')", i+1, i+1),
			fmt.Sprintf("INSERT INTO v(rowid, e) VALUES (%d, vector_from_json('%s'))", i+1, vector(i)))
	}
	if got := text(t, conn, "SELECT vx_snapshot_flush()"); got != "1" {
		t.Fatalf("flush: got %s files, want 1", got)
	}
	conn.Close()
	return file, index
}

// vector is the i-th of a sequence of vectors that are spread out.
func vector(i int) string {
	parts := make([]string, 8)
	for d := range parts {
		parts[d] = fmt.Sprint((i*7919+d*104729)%1009 - 500)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

const knn = "SELECT rowid || ' ' || distance FROM v WHERE knn_search(e, knn_param(vector_from_json(?), 10))"

// The restored database gives the same neighbours and distances as the
// original, from another directory, and never touches the original's index.
func TestVectorliteRoundTrip(t *testing.T) {
	file, index := vectorTable(t, t.TempDir(), 500)
	conn := connect(t, "vectorlite", file)
	restored := restore(t, conn, "main", 4096)
	before, err := os.Stat(index)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	for _, drop := range []bool{false, true} {
		copied := connect(t, "vectorlite", restored)
		for i := range 20 {
			want, got := text(t, conn, knn, vector(i*31+7)), text(t, copied, knn, vector(i*31+7))
			if got != want || strings.Count(got, "\n") != 9 {
				t.Fatalf("neighbours: got\n%s\nwant\n%s", got, want)
			}
		}
		run(t, copied, "INSERT INTO v(rowid, e) VALUES (501, vector_from_json('"+vector(3)+"'))", "DELETE FROM v WHERE rowid = 501")
		if drop {
			run(t, copied, "DROP TABLE v")
		}
		copied.Close()
	}
	after, err := os.Stat(index)
	if err != nil {
		t.Fatal(err)
	}
	now, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	if string(now) != string(content) || !after.ModTime().Equal(before.ModTime()) {
		t.Error("the original index file was touched")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(restored), "*")); len(left) > 2 {
		t.Errorf("beside the restored files: %q", left)
	}
}

// A prepared statement that is alive keeps its table connected. A flush then
// writes nothing, says so, and loses nothing.
func TestFlushWithLiveStatement(t *testing.T) {
	file, _ := vectorTable(t, t.TempDir(), 10)
	conn := connect(t, "vectorlite", file)
	run(t, conn, "CREATE VIEW closest AS SELECT rowid FROM v WHERE knn_search(e, knn_param(vector_from_json('"+vector(1)+"'), 1))")
	for _, query := range []string{
		"INSERT INTO v(rowid, e) VALUES (?, vector_from_json('" + vector(99) + "'))",
		"SELECT * FROM closest WHERE rowid > ?",
	} {
		live := used(t, conn, query, 11)
		_, err := tryText(conn, "SELECT vx_snapshot_flush()")
		if err == nil || !strings.HasPrefix(err.Error(), "vx_snapshot_flush: nothing was written, because the prepared statement '"+query[:20]) {
			t.Errorf("flush beside %q: got %v", query, err)
		}
		live.Close()
	}
	if got := text(t, conn, "SELECT vx_snapshot_flush()"); got != "1" {
		t.Errorf("flush: got %s, want 1", got)
	}
	if got := text(t, conn, "SELECT json_extract(metadata_json, '$.files[0].elements') FROM vx_snapshot_chunks WHERE seq = 0"); got != "11" {
		t.Errorf("got %s elements, want 11", got)
	}
}
