package vxsnap_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
)

// declareTables puts vectorlite tables t1, t2, … into the schema, whose index files are
// 1, 2, … in a directory.
func declareTables(t *testing.T, conn *sql.Conn, n int, dir string) {
	t.Helper()
	run(t, conn, "PRAGMA writable_schema = ON", fmt.Sprintf(
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO sqlite_schema "+
			"SELECT 'table', 't' || i, 't' || i, 0, 'CREATE VIRTUAL TABLE t' || i || ' USING vectorlite(v float32[1], hnsw(max_elements=13), ''%s/' || i || ''')' FROM n",
		n, dir), "PRAGMA writable_schema = RESET")
}

// 300 index files under a soft limit of 256 descriptors: restore and verify need no
// more than for one, and an export, which holds every file, says what it lacks.
func TestManyIndexFiles(t *testing.T) {
	const tables = 300
	dir := t.TempDir()
	file, store := filepath.Join(dir, "live.db"), filepath.Join(dir, "store.db")
	conn := open(t, file)
	declareTables(t, conn, tables, dir)
	run(t, conn, "ATTACH '"+store+"' AS store")
	for i := range tables {
		if err := os.WriteFile(fmt.Sprintf("%s/%d", dir, i+1), testkit.IndexImage(byte(i), 3), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, conn, "CREATE TABLE store.snap AS SELECT * FROM vx_snapshot_chunks(NULL, NULL, 'disk')", "DETACH store")
	out := filepath.Join(dir, "out")
	restore := "SELECT json_array_length(vx_snapshot_restore('" + out + "', " + rowColumns + "), '$.files') FROM "
	for _, test := range []struct{ database, query, want string }{
		{store, restore + "snap", "301\n"},
		{store, restore + "(SELECT * FROM snap ORDER BY seq % 7, seq DESC)", "301\n"},
		{store, "SELECT vx_snapshot_verify(" + rowColumns + ") FROM snap", "ok\n"},
		{file, "SELECT count(*) FROM vx_snapshot_chunks(NULL, NULL, 'disk')", "too many open files; raise the limit of open files (ulimit -n) and run the query again"},
	} {
		got, err := limited("ulimit -S -n 256", test.database, test.query)
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: got %s%v, want %s", test.query, got, err, test.want)
		}
		_ = os.RemoveAll(out)
	}
}
