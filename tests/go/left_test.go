package vxsnap_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
)

// largeDatabase is a connection on a database of 64 MB.
func largeDatabase(t *testing.T) *sql.Conn {
	t.Helper()
	conn := open(t, filepath.Join(t.TempDir(), "live.db"))
	run(t, conn, "PRAGMA synchronous = OFF", "CREATE TABLE t(a, b)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 64) INSERT INTO t SELECT i, zeroblob(1000000) FROM n")
	return conn
}

// hashing counts the goroutines that hash rows.
func hashing() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "vxsnap/internal/pool.New")
}

// However a statement ends, its goroutines end with it, and its moment and its
// memory are let go: at once, not when the connection is closed.
func TestNothingIsLeftOfAStatement(t *testing.T) {
	conn := largeDatabase(t)
	dir, saved := t.TempDir(), t.TempDir()
	const chunks = " FROM vx_snapshot_chunks(100000)"
	const frames = " FROM vx_snapshot_chunks(100000, 'main', 'auto', 'zstd')"
	verify, restore := "SELECT vx_snapshot_verify("+rowColumns+")", "SELECT vx_snapshot_restore('"+dir+"/out', "+rowColumns+")"
	const overflow = "abs(-9223372036854775808 + (seq < 30) * 9)"
	run(t, conn, "ATTACH '"+dir+"/store.db' AS store", "PRAGMA store.synchronous = OFF", "CREATE TABLE store.snap AS SELECT *"+chunks)
	all := func(ctx context.Context, query string) error {
		rows, err := conn.QueryContext(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
		}
		return rows.Err()
	}
	for _, test := range []struct {
		name, query string
		fails       string
	}{
		{"to its end", "SELECT data" + chunks, ""},
		{"by LIMIT", "SELECT data" + chunks + " LIMIT 3", ""},
		{"of frames, to its end", "SELECT data" + frames, ""},
		{"of frames, by LIMIT", "SELECT data" + frames + " LIMIT 3", ""},
		{"of frames, sorted, and an error", "SELECT data, " + overflow + frames + " ORDER BY data", "integer overflow"},
		{"verify of frames", verify + frames, ""},
		{"restore of frames that are missing", restore + frames + " WHERE seq <> 50", "chunk missing"},
		{"by LIMIT, at the end row", "SELECT data" + chunks + " LIMIT (SELECT count(*)" + chunks + ")", ""},
		{"one of a join, once for each row", "SELECT b.data FROM (SELECT 50000 AS size UNION ALL SELECT 70000) AS a, vx_snapshot_chunks(a.size) AS b WHERE b.seq < 9", ""},
		{"by an error", "SELECT data, " + overflow + chunks, "integer overflow"},
		{"by an error in its parameters", "SELECT data FROM vx_snapshot_chunks(1)", "chunk_size must be"},
		{"save", "SELECT vx_snapshot_save('" + saved + "/a.tar')", ""},
		{"save, compressed", "SELECT vx_snapshot_save('" + saved + "/a.tar.zst')", ""},
		{"save under a name that is taken", "SELECT vx_snapshot_save('" + saved + "/a.tar')", "is not replaced"},
		{"save of a schema that is not there", "SELECT vx_snapshot_save('" + saved + "/b.tar', 'nowhere')", "schema must be"},
		{"tar", "SELECT data FROM vx_snapshot_tar", ""},
		{"tar, compressed", "SELECT data FROM vx_snapshot_tar(2000000, 'main', 'auto', 'zstd')", ""},
		{"tar by LIMIT", "SELECT data FROM vx_snapshot_tar(3000000) LIMIT 2", ""},
		{"tar by an error", "SELECT data, " + overflow + " FROM vx_snapshot_tar", "integer overflow"},
		{"tar by an error in its parameters", "SELECT data FROM vx_snapshot_tar(512, 'main', 'auto', 'gzip')", "compression must be"},
		{"read", "SELECT data FROM vx_snapshot_read('" + saved + "/a.tar')", ""},
		{"read, compressed", "SELECT data FROM vx_snapshot_read('" + saved + "/a.tar.zst')", ""},
		{"read by LIMIT", "SELECT data FROM vx_snapshot_read('" + saved + "/a.tar') LIMIT 3", ""},
		{"read, compressed, by LIMIT", "SELECT data FROM vx_snapshot_read('" + saved + "/a.tar.zst') LIMIT 3", ""},
		{"read by an error", "SELECT data, " + overflow + " FROM vx_snapshot_read('" + saved + "/a.tar.zst')", "integer overflow"},
		{"read of what is none", "SELECT data FROM vx_snapshot_read('/proc/version')", "incomplete"},
		{"restore of a read that lacks rows", restore + " FROM vx_snapshot_read('" + saved + "/a.tar.zst') WHERE seq <> 50", "chunk missing"},
		{"verify", verify + chunks, ""},
		{"verify of rows that are missing", verify + chunks + " WHERE seq % 7 <> 3", ""},
		{"verify of rows backwards", verify + " FROM (SELECT * FROM store.snap ORDER BY -seq)", ""},
		{"verify and an error", verify + ", sum(" + overflow + ")" + chunks, "integer overflow"},
		{"restore of rows that are missing", restore + chunks + " WHERE seq <> 50", "chunk missing"},
		{"restore of rows backwards", restore + " FROM (SELECT * FROM store.snap WHERE seq > 5 ORDER BY -seq)", "no metadata row"},
		{"restore and a row that is none", restore + " FROM (SELECT * FROM store.snap UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL)", "seq must be an INTEGER"},
		{"restore and an error", restore + ", sum(" + overflow + ")" + chunks + " WHERE seq < 40", "integer overflow"},
	} {
		before := goleak.IgnoreCurrent()
		err := all(t.Context(), test.query)
		if test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.fails)
		}
		nothingLeft(t, test.name, before)
	}
	interrupted := 0
	for _, query := range []string{"SELECT data" + chunks, verify + chunks, restore + " FROM store.snap",
		"SELECT vx_snapshot_save('" + saved + "/c.tar')", "SELECT vx_snapshot_save('" + saved + "/c.tar.zst')",
		"SELECT data FROM vx_snapshot_tar", "SELECT data FROM vx_snapshot_read('" + saved + "/a.tar.zst')"} {
		for _, after := range []time.Duration{1, 5, 15, 40} {
			before := goleak.IgnoreCurrent()
			ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
			if err := all(ctx, query); err == nil {
				_ = errors.Join(os.RemoveAll(dir+"/out"), os.RemoveAll(saved+"/c.tar"), os.RemoveAll(saved+"/c.tar.zst")) // it was faster
			} else {
				interrupted++
			}
			cancel()
			nothingLeft(t, fmt.Sprintf("%s interrupted after %v", query, after*time.Millisecond), before)
		}
	}
	if interrupted == 0 {
		t.Error("everything was faster: this tested nothing")
	}
	rows, err := conn.QueryContext(t.Context(), "SELECT data"+chunks)
	if err != nil {
		t.Fatal(err)
	}
	before := goleak.IgnoreCurrent()
	for range 3 {
		rows.Next()
	}
	if moments, blocks := live.Held(), c.LiveBlocks(); moments != 1 || blocks < 2 {
		t.Errorf("among its rows it holds %d moments, %d blocks: this tested nothing", moments, blocks)
	}
	for range 5000 { // they may not have begun yet
		if hashing() > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if hashing() == 0 {
		t.Error("no goroutine hashes: this tested nothing")
	}
	rows.Close()
	nothingLeft(t, "given up", before)
	if names, err := os.ReadDir(dir); err != nil || len(names) != 1 {
		t.Errorf("beside the rows there are %v, %v", names, err)
	}
	if names, err := filepath.Glob(saved + "/.*"); err != nil || len(names) != 0 {
		t.Errorf("beside the saved files there are %v, %v", names, err)
	}
}

func nothingLeft(t *testing.T, name string, before goleak.Option) {
	t.Helper()
	if moments, blocks := live.Held(), c.LiveBlocks(); moments != 0 || blocks != 0 {
		t.Errorf("%s: %d moments and %d blocks are left", name, moments, blocks)
	}
	if err := goleak.Find(before); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}
