package live_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A WAL of so many frames that the wal-index has three regions, as SQLite writes
// them, and most pages in each: the snapshot is what a checkpoint makes of it.
func TestWALOfManyFrames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	conn := openFile(t, path)
	perform(t, conn, "PRAGMA page_size = 512", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF", "PRAGMA wal_autocheckpoint = 0",
		"CREATE TABLE t(a INTEGER PRIMARY KEY, b)",
		"WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i, zeroblob(400) FROM n")
	for i := range 5 {
		perform(t, conn, fmt.Sprintf("UPDATE t SET b = randomblob(400) WHERE a %% 7 <> %d", i))
	}
	got, way, err := exported(path, "none")
	if err != nil {
		t.Fatal(err)
	}
	var pages, frames int
	if _, err := fmt.Sscanf(strings.ReplaceAll(way, ",", ""), "pin WAL %d pages from %d frames", &pages, &frames); err != nil || frames <= 4062+4096 || pages >= 4062 {
		t.Errorf("the way: got %q, want fewer than 4062 pages from more than 8158 frames", way)
	}
	perform(t, conn, "PRAGMA wal_checkpoint(TRUNCATE)")
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, want the %d of the file after a checkpoint", len(got), len(want))
	}
}
