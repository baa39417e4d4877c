package vxsnap_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// noMemory are the jobs in which each allocation of SQLite fails once: alone, and
// with all that follow. Of those that are not complete only a sample is tried.
var noMemory = []struct {
	name, setup, query string
	complete           bool
}{
	{"load", "load", "", true},
	{"files", "SELECT 1", "SELECT group_concat(file_name || state) FROM vx_snapshot_files", true},
	{"chunks", "SELECT 1", "SELECT count(*) || ' ' || sum(length(data)) FROM vx_snapshot_chunks(4096, 'main', 'auto')", false},
	{"pin", "SELECT 1", "SELECT pages || ' ' || count(*) FROM vx_snapshot_pin AS pin JOIN vx_snapshot_chunks(4096)", false},
	{"create", "SELECT 1", "DROP TABLE IF EXISTS temp.s; CREATE TEMP TABLE s AS SELECT * FROM vx_snapshot_chunks(4096); SELECT count(*) FROM s", false},
	{"verify", "ATTACH 'store.db' AS store", "SELECT vx_snapshot_verify(" + rowColumns + ") FROM snap", true},
	{"verify at once", "SELECT 1", "SELECT vx_snapshot_verify(" + rowColumns + ") FROM vx_snapshot_chunks(4096)", false},
	{"restore", "ATTACH 'store.db' AS store", "SELECT json_extract(vx_snapshot_restore('out/$N', " + rowColumns + "), '$.total_size') FROM snap", false},
	{"save", "SELECT 1", "SELECT json_extract(vx_snapshot_save('out/$N.tar.zst', 'main', 'auto'), '$.total_size')", false},
	{"tar", "SELECT 1", "SELECT sum(length(data)) FROM vx_snapshot_tar(4096, 'main', 'auto')", false},
	{"read", "SELECT 1", "SELECT vx_snapshot_verify(" + rowColumns + ") || count(*) FROM vx_snapshot_read('a.tar.zst')", true},
	{"relocate", `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE VIRTUAL TABLE v USING vectorlite(v float32[2], hnsw(max_elements=100), ''/nowhere/docs.idx'')' WHERE name = 'v';
		PRAGMA writable_schema = RESET`, "SELECT vx_snapshot_relocate() IS NOT NULL", false},
	{"flush", "SELECT 1 AS vectorlite; UPDATE v SET v = vector_from_json('[1, 0]') WHERE rowid = 1", "SELECT vx_snapshot_flush() IS NOT NULL", false},
}

// Whichever allocation of SQLite fails, the host lives, gets SQLITE_NOMEM or the
// right result, and the connection works afterwards. The database is in UTF-16, so
// that every text is converted too.
func TestNoMemory(t *testing.T) {
	so, err := filepath.Abs(library)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "nomem")
	if out, err := exec.Command("gcc", "-Wall", "-Wextra", "-O1", "-o", program, "testdata/nomem.c", "-lsqlite3").CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	for _, job := range noMemory {
		for _, mode := range []string{"once", "on"} {
			t.Run(job.name+"/"+mode, func(t *testing.T) {
				step := "29"
				if job.complete || os.Getenv("VXSNAP_LONG") != "" {
					step = "1"
				}
				dir := noMemoryDir(t, so)
				args := []string{so, os.Getenv("VECTORLITE"), dir, mode, "1", step, job.setup}
				if job.query != "" {
					args = append(args, job.query)
				}
				cmd := exec.Command(program, args...)
				cmd.Dir = dir
				out, err := cmd.Output()
				judgeNoMemory(t, job.name, string(out), err)
			})
		}
	}
}

// noMemoryDir has a database with an index file, and a snapshot of it.
func noMemoryDir(t *testing.T, so string) string {
	if os.Getenv("VECTORLITE") == "" {
		t.Fatal("VECTORLITE does not name vectorlite.so: run make gotest")
	}
	dir := t.TempDir()
	for _, args := range [][]string{
		{"live.db", ".load " + os.Getenv("VECTORLITE"), "PRAGMA encoding = 'UTF-16'", "PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 0",
			"CREATE TABLE t AS SELECT randomblob(9000) AS a, 'x' AS b",
			"CREATE VIRTUAL TABLE v USING vectorlite(v float32[2], hnsw(max_elements=100), 'docs.idx')",
			"INSERT INTO v(rowid, v) VALUES (1, vector_from_json('[1, 0]'))"},
		{"store.db", ".load " + so, "PRAGMA encoding = 'UTF-16'", "CREATE TABLE snap(" + rowColumns + ")", "ATTACH 'live.db' AS live",
			"INSERT INTO snap SELECT * FROM vx_snapshot_chunks(4096, 'live')", "SELECT vx_snapshot_save('a.tar.zst', 'live')"},
	} {
		cmd := exec.Command("sqlite3", append([]string{"-batch"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s%v", out, err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "out"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// place is what came of one place: its number, the code, the result or the error.
var place = regexp.MustCompile(`^(\d+) (\d+) (.*)$`)

func judgeNoMemory(t *testing.T, job, out string, died error) {
	last, refused := "", 0
	for lines := bufio.NewScanner(strings.NewReader(out)); lines.Scan(); {
		last = lines.Text()
		m := place.FindStringSubmatch(last)
		switch {
		case m == nil || m[2] == "0":
		case m[2] == "7":
			refused++
		case job == "load" && m[2] == "1" && (m[3] == "NULL" || strings.HasSuffix(m[3], "out of memory; load vxsnap again")):
			refused++ // SQLite says SQLITE_ERROR of every entry point that fails
		default:
			t.Errorf("place %s", last)
		}
	}
	if died != nil {
		t.Fatalf("the host died: %s: %v", last, died)
	}
	var places, leaked int
	if _, err := fmt.Sscanf(last, "end %d %d", &places, &leaked); err != nil || places < 30 || refused == 0 {
		t.Fatalf("got %q, this tested nothing", last)
	}
	if leaked != 0 {
		t.Errorf("%d bytes leaked", leaked)
	}
	t.Log(strconv.Itoa(places) + " places")
}
