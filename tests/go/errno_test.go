package vxsnap_test

import (
	"errors"
	"path/filepath"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// go-sqlite3 shows sqlite3_system_errno after a sentence whose code is SQLITE_CANTOPEN or
// SQLITE_IOERR. SQLite takes it from errno, where its own look for a journal, which is not
// there, has left ENOENT when these statements begin.
func TestErrnoIsNotThatOfAnOlderCall(t *testing.T) {
	file := filepath.Join(t.TempDir(), "live.db")
	conn := open(t, file)
	run(t, conn, "CREATE TABLE t AS SELECT 1")
	for _, test := range []struct{ query, path string }{
		{"SELECT vx_snapshot_restore(?, 0, NULL, NULL, NULL, 0, '') FROM t", file}, // is no directory
		{"SELECT t.* FROM t CROSS JOIN vx_snapshot_read(?)", file + ".tar"},        // is not there
	} {
		_, err := tryText(conn, test.query, test.path)
		var got sqlite3.Error
		if !errors.As(err, &got) || got.Code != sqlite3.ErrCantOpen || got.SystemErrno != 0 {
			t.Errorf("%s: %v, code %d, system errno %d; want code %d, system errno 0",
				test.query, err, got.Code, got.SystemErrno, sqlite3.ErrCantOpen)
		}
	}
}
