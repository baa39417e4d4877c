package vxsnap_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// Any database comes back: byte for byte with a rollback journal, by content
// in WAL mode, in memory, and among the temporary tables.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		mode := rapid.SampledFrom([]string{"delete", "truncate", "persist", "memory", "off", "wal", ":memory:", "temp"}).Draw(r, "mode")
		pageSize := 512 << rapid.IntRange(0, 7).Draw(r, "page size")
		pages := rapid.IntRange(0, 60).Draw(r, "pages")
		chunkSize := rapid.OneOf(rapid.IntRange(512, 5000), rapid.IntRange(5000, 1<<20)).Draw(r, "chunk size")
		dir, err := os.MkdirTemp("", "vxsnap-*")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		file, schema := filepath.Join(dir, "live.db"), "main"
		name := file
		if mode == ":memory:" || mode == "temp" {
			name = ":memory:"
		}
		conn := open(t, name)
		defer conn.Close()
		run(t, conn,
			fmt.Sprintf("PRAGMA page_size = %d", pageSize),
			fmt.Sprintf("PRAGMA auto_vacuum = %d", rapid.IntRange(0, 2).Draw(r, "auto_vacuum")),
			"PRAGMA encoding = "+rapid.SampledFrom([]string{"'UTF-8'", "'UTF-16le'", "'UTF-16be'"}).Draw(r, "encoding"))
		if name == file {
			run(t, conn, "PRAGMA journal_mode = "+mode)
		}
		if mode == "temp" {
			schema = "temp"
			run(t, conn, fmt.Sprintf("PRAGMA temp.page_size = %d", pageSize))
		}
		for i := range rapid.IntRange(0, 3).Draw(r, "tables") {
			run(t, conn, fmt.Sprintf("CREATE TABLE %s.t%d(a, b)", schema, i),
				fmt.Sprintf("CREATE INDEX %s.i%d ON t%d(a)", schema, i, i),
				fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "+
					"INSERT INTO %s.t%d SELECT i, randomblob(%d) FROM n", pages+1, schema, i, rapid.IntRange(0, pageSize).Draw(r, "row")))
			if rapid.Bool().Draw(r, "delete") {
				run(t, conn, fmt.Sprintf("DELETE FROM %s.t%d WHERE a %% 3 = 1", schema, i))
			}
		}
		if got := text(t, conn, "SELECT vx_snapshot_verify("+rowColumns+") FROM vx_snapshot_chunks(?, ?)", chunkSize, schema); got != "ok" {
			t.Fatalf("verify: %s", got)
		}
		restored := restore(t, conn, schema, chunkSize)
		if name == file && mode != "wal" && !sameFile(t, file, restored) {
			t.Fatalf("%s: %s and the restored file differ", mode, file)
		}
		copied := open(t, restored)
		defer copied.Close()
		if got := text(t, copied, "PRAGMA integrity_check"); got != "ok" {
			t.Fatalf("integrity_check: %s", got)
		}
		if got, want := dump(t, copied, "main"), dump(t, conn, schema); got != want {
			t.Fatalf("%s: the content differs", mode)
		}
	})
}
