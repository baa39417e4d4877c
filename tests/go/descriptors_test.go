package vxsnap_test

import (
	"database/sql"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"
)

// A host may run out of descriptors at any time: that is an error, of a load too, which
// can be tried again.
func TestHostWithoutDescriptors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "live.db")
	run(t, open(t, file), "CREATE TABLE t(a, b)", fill)
	out, err := exec.Command("/usr/bin/python3", "testdata/descriptors.py", library, file, filepath.Join(dir, "out")).CombinedOutput()
	got := strings.Split(strings.TrimSpace(string(out)), "\n")
	const refused = "vxsnap: 8 file descriptors must be free to load it: too many open files; raise the limit (ulimit -n)"
	if err != nil || len(got) != 6 || !strings.Contains(got[0], refused) || got[1] != "loaded" || got[5] != "restored" {
		t.Fatalf("%v:\n%s", err, out)
	}
	for _, line := range got[2:5] {
		if line != "OperationalError" {
			t.Errorf("without descriptors: %s", line)
		}
	}
}

// A manifest that SQLite would refuse at the end is refused at the start.
func TestManifestIsTooLong(t *testing.T) {
	conn := open(t, filepath.Join(t.TempDir(), "live.db"))
	run(t, conn, "CREATE TABLE t(a)", "INSERT INTO t VALUES (zeroblob(600000))")
	limit(t, conn, 30000)
	const want = "of this connection's SQLITE_LIMIT_LENGTH; pass a larger chunk_size than 512"
	if got, err := tryText(conn, "SELECT length(manifest) FROM vx_snapshot_chunks(512)"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %s, %v, want %q", got, err, want)
	}
	for _, query := range []string{
		"SELECT count(data) FROM vx_snapshot_chunks(512)", "SELECT max(length(manifest)) < 30000 FROM vx_snapshot_chunks(1024)",
	} {
		if _, err := tryText(conn, query); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// limit sets SQLITE_LIMIT_LENGTH.
func limit(t *testing.T, conn *sql.Conn, bytes int) {
	t.Helper()
	err := conn.Raw(func(c any) error {
		c.(*sqlite3.SQLiteConn).SetLimit(sqlite3.SQLITE_LIMIT_LENGTH, bytes)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
