package vxsnap_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
)

const verifyOf = "SELECT vx_snapshot_verify(" + rowColumns + ") FROM "

// savedFiles makes a database, and saved files of it, plain and compressed.
func savedFiles(t *testing.T) (database, plain, packed string) {
	t.Helper()
	dir := t.TempDir()
	database, plain, packed = filepath.Join(dir, "live.db"), filepath.Join(dir, "a.tar"), filepath.Join(dir, "a.tar.zst")
	conn := open(t, database)
	run(t, conn, "CREATE TABLE t(a, b)", fill, fill, fill, fill)
	for _, path := range []string{plain, packed} {
		text(t, conn, "SELECT vx_snapshot_save(?)", path)
	}
	conn.Close()
	return database, plain, packed
}

// An interrupt ends a save, a stream and a read in time; a file is whole or not there.
func TestSavedInterrupt(t *testing.T) {
	dir := t.TempDir()
	conn := open(t, filepath.Join(dir, "live.db"))
	run(t, conn, "PRAGMA synchronous = OFF", "CREATE TABLE t(a)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t SELECT zeroblob(1000000) FROM n")
	kept := filepath.Join(dir, "kept.tar.zst")
	text(t, conn, "SELECT vx_snapshot_save(?)", kept)
	// Behind it gigabytes of zeros, which a few bytes hold.
	zeros := filepath.Join(dir, "zeros.zst")
	if out, err := exec.Command("bash", "-c", "(cat "+kept+"; head -c 4000000000 /dev/zero | zstd -q -1 -c) >"+zeros).CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	// A file that says it is a tebibyte long.
	sparse := filepath.Join(dir, "sparse.tar")
	text(t, conn, "SELECT vx_snapshot_save(?, 'temp')", sparse)
	if err := os.Truncate(sparse, 1<<40); err != nil {
		t.Fatal(err)
	}
	interrupted := 0
	for _, query := range []string{
		"SELECT vx_snapshot_save('" + dir + "/out.tar')",
		"SELECT vx_snapshot_save('" + dir + "/out.tar.zst')",
		"SELECT sum(length(data)) FROM vx_snapshot_tar",
		"SELECT sum(length(data)) FROM vx_snapshot_tar(100000000, 'main', 'auto', 'zstd')",
		"SELECT sum(length(data)) FROM vx_snapshot_read('" + kept + "')",
		"SELECT sum(length(data)) FROM vx_snapshot_read('" + zeros + "')",
		"SELECT sum(length(data)) FROM vx_snapshot_read('" + sparse + "')",
	} {
		for _, after := range []time.Duration{5, 30, 100, 300, 500} {
			ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
			start := time.Now()
			var got any
			err := conn.QueryRowContext(ctx, query).Scan(&got)
			late := time.Since(start) - after*time.Millisecond
			cancel()
			if endless := strings.Contains(query, zeros) || strings.Contains(query, sparse); err != nil && endless && strings.Contains(err.Error(), "zeros follow the end of the tar stream") {
				if late > 200*time.Millisecond {
					t.Errorf("%s: ended %v late", query, late)
				}
			} else if err != nil {
				interrupted++
				var e sqlite3.Error
				if (!errors.As(err, &e) || e.Code != sqlite3.ErrInterrupt) && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: got %v", query, err)
				}
				if late > 200*time.Millisecond {
					t.Errorf("%s: interrupted after %v, ended %v later", query, after*time.Millisecond, late)
				}
			} else if endless {
				t.Errorf("%s: got %v, want an error", query, got)
			}
			names, err := filepath.Glob(filepath.Join(dir, "*out*"))
			if hidden, _ := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(hidden) > 0 || len(names) > 1 {
				t.Errorf("%s: left behind: %v %v %v", query, names, hidden, err)
			}
			for _, name := range names { // an interrupt behind the rename comes too late
				if got := text(t, conn, verifyOf+"vx_snapshot_read(?)", name); got != "ok" {
					t.Errorf("%s: half a file: %s", query, got)
				}
				_ = os.Remove(name)
			}
		}
	}
	if interrupted < 10 {
		t.Errorf("%d statements were interrupted: this tested little", interrupted)
	}
}

// Reads that end in every way leave no descriptor.
func TestReadLeavesNoDescriptor(t *testing.T) {
	database, plain, packed := savedFiles(t)
	conn := open(t, database)
	fifo := newPipe(t)
	cut := filepath.Join(t.TempDir(), "cut")
	if out, err := exec.Command("sh", "-c", "head -c 100000 "+plain+" >"+cut).CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	text(t, conn, "SELECT count(*) FROM vx_snapshot_read(?)", plain)
	before := descriptors(t)
	for range 20 {
		for _, path := range []string{plain, packed, cut, database, fifo, "/dev/null", "/"} {
			for _, query := range []string{"SELECT count(*) FROM vx_snapshot_read(?1)", "SELECT seq FROM vx_snapshot_read(?1) LIMIT 2",
				"SELECT abs(-9223372036854775808 + (seq < 2) * 9) FROM vx_snapshot_read(?1)",
				"SELECT count(*) FROM vx_snapshot_read(?1) AS a, vx_snapshot_read(?1) AS b"} {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				if path == fifo {
					ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
				}
				rows, err := conn.QueryContext(ctx, query, path)
				if err == nil {
					for rows.Next() {
					}
					rows.Close()
				}
				cancel()
			}
		}
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors are open, were %d", after, before)
	}
	if got := text(t, conn, "SELECT vx_snapshot_debug()"); !strings.HasSuffix(got, ", 0 files") {
		t.Errorf("files are open: %s", got)
	}
}

// An index file that is rewritten among the rows of a tar stream is an error, as it is
// among those of vx_snapshot_chunks, and no end that comes too early.
func TestIndexChangesUnderTar(t *testing.T) {
	conn, _, index := wideTable(t, "DELETE", 4000) // more than is read ahead
	content, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := conn.QueryContext(t.Context(), "SELECT seq FROM vx_snapshot_tar(100000, 'main', 'disk')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		if n == 0 {
			if err := os.WriteFile(index, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	var e sqlite3.Error
	if err := rows.Err(); !errors.As(err, &e) || e.Code != sqlite3.ErrBusy || !strings.Contains(err.Error(), "; the rows so far are of no use, run the query again") {
		t.Errorf("got %v, want that it changed", err)
	}
}
