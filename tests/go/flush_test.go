package vxsnap_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live"
)

// An index file that cannot be opened for writing stops a flush before it does
// anything: no vector is lost.
func TestFlushUnwritable(t *testing.T) {
	dir := t.TempDir()
	index := filepath.Join(dir, "v.idx")
	conn := connect(t, "vectorlite", filepath.Join(dir, "live.db"))
	run(t, conn, "CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=10), '"+index+"')",
		"INSERT INTO v(rowid, e) VALUES (1, vector_from_json('"+vector(1)+"'))")
	const flush = "SELECT vx_snapshot_flush()"
	for _, obstacle := range []struct {
		what      string
		put, take func() error
	}{
		{"is not a regular file but a directory", func() error { return os.Mkdir(index, 0o700) }, func() error { return os.Remove(index) }},
		{"is not a regular file but a FIFO", func() error { return unix.Mkfifo(index, 0o600) }, func() error { return os.Remove(index) }},
		{"no such file or directory", func() error { return os.Rename(dir, dir+"x") }, func() error { return os.Rename(dir+"x", dir) }},
	} {
		if err := obstacle.put(); err != nil {
			t.Fatal(err)
		}
		_, err := tryText(conn, flush)
		if want := "vx_snapshot_flush: nothing was written, because index file '" + index + "' of table 'v'"; err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), obstacle.what) {
			t.Errorf("%s: %v", obstacle.what, err)
		}
		if err := obstacle.take(); err != nil {
			t.Fatal(err)
		}
		if got := text(t, conn, "SELECT count(*) FROM v WHERE knn_search(e, knn_param(vector_from_json(?), 5))", vector(1)); got != "1" {
			t.Errorf("%s: %s vectors are left, want 1", obstacle.what, got)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("%s: left in the directory: %v %v", obstacle.what, left, err)
		}
	}
	if got := text(t, conn, flush); got != "1" {
		t.Errorf("a flush without obstacles changed %s files", got)
	}
}

// vectorlite does not say that the disk was full when it wrote an index. A flush
// does, and that vectors are lost.
func TestFlushFullDisk(t *testing.T) {
	disk := smallDisk(t, 64)
	conn := connect(t, "vectorlite", filepath.Join(t.TempDir(), "live.db"))
	run(t, conn, "CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=1000), '"+disk+"/v.idx')")
	for i := range 10 {
		run(t, conn, "INSERT INTO v(rowid, e) VALUES ("+string(rune('0'+i))+", vector_from_json('"+vector(i)+"'))")
	}
	if got := text(t, conn, "SELECT vx_snapshot_flush()"); got != "1" {
		t.Fatalf("with room for the file: %s", got)
	}
	run(t, conn, "INSERT INTO v(rowid, e) SELECT value, vector_from_json('"+vector(3)+"') FROM (WITH RECURSIVE n(value) AS (SELECT 100 UNION ALL SELECT value + 1 FROM n WHERE value < 900) SELECT value FROM n)")
	_, err := tryText(conn, "SELECT vx_snapshot_flush()")
	if err == nil || !strings.Contains(err.Error(), "was not written whole") || !strings.Contains(err.Error(), live.ErrVectorsLost.Error()) {
		t.Errorf("without room for the file: %v", err)
	}
	if _, err := tryText(conn, "SELECT count(*) FROM vx_snapshot_chunks"); err == nil {
		t.Error("a snapshot was taken of a torn index")
	}
}

// The new file and its name are on the disk before the file of before goes.
func TestFlushSyncs(t *testing.T) {
	dir := t.TempDir()
	file, index := vectorTable(t, dir, 2)
	trace := filepath.Join(t.TempDir(), "trace")
	out, err := exec.Command("strace", "-f", "-y", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat", "-o", trace, "sqlite3", "-batch", file,
		".load "+library, loadVectorlite(), insertVector(3), "SELECT vx_snapshot_flush()").CombinedOutput()
	if err != nil || string(out) != "1\n" {
		t.Fatalf("%s%v", out, err)
	}
	calls, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, call := range []string{`RENAME_EXCHANGE`, "fsync(%d<" + index + ">", "fsync(%d<" + dir + ">", `"` + index + `.vx-flush"`} {
		pattern := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(call), "%d", "[0-9]+"))
		found := pattern.FindIndex(calls[at:])
		if found == nil {
			t.Fatalf("%s does not come after the calls before it:\n%s", call, calls)
		}
		at += found[1]
	}
}

// The same on a file system that has become read-only.
func TestFlushReadOnly(t *testing.T) {
	disk := smallDisk(t, 1000)
	conn := connect(t, "vectorlite", filepath.Join(t.TempDir(), "live.db"))
	run(t, conn, "CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=1000), '"+disk+"/v.idx')",
		"INSERT INTO v(rowid, e) VALUES (1, vector_from_json('"+vector(1)+"'))")
	text(t, conn, "SELECT vx_snapshot_flush()")
	run(t, conn, "INSERT INTO v(rowid, e) VALUES (2, vector_from_json('"+vector(2)+"'))")
	remount := func(flags uintptr) {
		t.Helper()
		if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	remount(unix.MS_RDONLY)
	if _, err := tryText(conn, "SELECT vx_snapshot_flush()"); err == nil || !strings.Contains(err.Error(), "cannot be written: read-only file system") {
		t.Errorf("on a read-only file system: %v", err)
	}
	remount(0)
	if got := text(t, conn, "SELECT vx_snapshot_flush()"); got != "1" {
		t.Errorf("writable again: %s", got)
	}
	if got := text(t, conn, "SELECT count(*) FROM v WHERE knn_search(e, knn_param(vector_from_json(?), 5))", vector(1)); got != "2" {
		t.Errorf("%s vectors, want 2", got)
	}
}
