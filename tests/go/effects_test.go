package vxsnap_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
	"go.uber.org/goleak"
)

func openPlain(file string) (*sql.Conn, error) {
	db, err := sql.Open("sqlite3", file)
	if err != nil {
		return nil, err
	}
	return db.Conn(context.Background())
}

// export collects a snapshot of main, which has no index files: the database's
// bytes, and their checksum as the end record has it.
func export(conn *sql.Conn, chunkSize int) (bytes []byte, checksum string, err error) {
	rows, err := conn.QueryContext(context.Background(),
		"SELECT data, json_extract(metadata_json, '$.files[0].checksum') FROM vx_snapshot_chunks(?)", chunkSize)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var data []byte
		var sum sql.NullString
		if err := rows.Scan(&data, &sum); err != nil {
			return nil, "", err
		}
		bytes = append(bytes, data...)
		checksum += sum.String
	}
	return bytes, checksum, rows.Err()
}

func descriptors(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// resident is the memory of this process, in bytes.
func resident(t *testing.T) int {
	t.Helper()
	var size, pages int
	text, err := os.ReadFile("/proc/self/statm")
	if err == nil {
		_, err = fmt.Sscan(string(text), &size, &pages)
	}
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// Exports that are aborted in every way leave no descriptor, no goroutine and
// no block of memory behind.
func TestNothingIsLeft(t *testing.T) {
	file := filepath.Join(t.TempDir(), "live.db")
	conn := open(t, file)
	run(t, conn, "CREATE TABLE t(a, b)", fill, fill)
	memory := open(t, ":memory:")
	run(t, memory, "CREATE TABLE t(a, b)", fill)
	once := func() {
		text(t, conn, "SELECT length(data) FROM vx_snapshot_chunks(512) LIMIT 3")
		text(t, memory, "SELECT length(data) FROM vx_snapshot_chunks(512) LIMIT 3")
		if _, err := tryText(conn, "SELECT abs(-9223372036854775808 + seq) FROM vx_snapshot_chunks(512) ORDER BY data"); err == nil {
			t.Fatal("integer overflow is no error")
		}
		for _, query := range []string{"SELECT data FROM vx_snapshot_chunks(512)", "SELECT a.data, b.data FROM vx_snapshot_chunks AS a, vx_snapshot_chunks AS b"} {
			rows, err := conn.QueryContext(t.Context(), query)
			if err != nil {
				t.Fatal(err)
			}
			rows.Next()
			rows.Close()
		}
		dir := filepath.Join(t.TempDir(), "out")
		for _, query := range []string{
			"SELECT vx_snapshot_verify(" + rowColumns + ") FROM vx_snapshot_chunks(512) WHERE seq % 7 <> 3",
			"SELECT vx_snapshot_restore('" + dir + "', " + rowColumns + ") FROM vx_snapshot_chunks(512) WHERE seq <> 9",
			"SELECT vx_snapshot_restore('" + dir + "', " + rowColumns + "), sum(abs(-9223372036854775808 + seq)) FROM vx_snapshot_chunks(512)",
		} {
			_, _ = tryText(conn, query)
		}
		if names, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(names) > 0 {
			t.Fatalf("left behind: %v, %v", names, err)
		}
	}
	for range 20 { // allocators have taken what they keep
		once()
	}
	before, memory0 := descriptors(t), resident(t)
	ignore := goleak.IgnoreCurrent()
	for range 120 {
		once()
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
	if grown := resident(t) - memory0; grown > 16<<20 && !sanitized {
		t.Errorf("memory grew by %d bytes", grown)
	}
	goleak.VerifyNone(t, ignore)
	if got := text(t, memory, "SELECT vx_snapshot_debug()"); !strings.HasSuffix(got, "\nheld now: 0 moments, 0 blocks, 0 files") {
		t.Errorf("got %s", got)
	}
}

// Closing the private connection does not drop the POSIX locks that the host
// holds on the file: another process still finds it locked.
func TestHostKeepsItsLocks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "live.db")
	conn, reader := open(t, file), open(t, file)
	run(t, conn, "CREATE TABLE t(a, b)", fill)
	rows, err := conn.QueryContext(t.Context(), "SELECT * FROM t") // holds a SHARED lock
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	rows.Next()
	if _, _, err := export(reader, 1000); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("sqlite3", file, "PRAGMA locking_mode = EXCLUSIVE; DELETE FROM t").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "database is locked") {
		t.Errorf("another process wrote: %s %v", out, err)
	}
}

// SQLite alone opens the database, its WAL and its shared memory, and there is no
// temporary file.
func TestOpenedFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "live.db")
	run(t, open(t, file), "PRAGMA journal_mode = WAL", "CREATE TABLE t(a, b)", fill)
	trace := filepath.Join(dir, "trace")
	out, err := exec.Command("strace", "-f", "-e", "trace=openat,open,creat", "-o", trace, "sqlite3", file,
		".load "+library, "SELECT count(*) FROM (SELECT data FROM vx_snapshot_chunks)").CombinedOutput()
	if err != nil {
		t.Fatalf("%s%v", out, err)
	}
	calls, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(calls), "\n") {
		ours := strings.Contains(line, "live.db") && !strings.Contains(line, "O_NOFOLLOW") && !strings.Contains(line, `"`+file+`", O_RDONLY) =`)
		if ours || strings.Contains(line, "O_EXCL") || strings.Contains(line, "vxsnap-") {
			t.Errorf("opened: %s", line)
		}
	}
}

// An interrupt ends an export, a verify and a restore within 200 ms with
// SQLITE_INTERRUPT, and leaves nothing behind.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	conn := open(t, filepath.Join(dir, "live.db"))
	run(t, conn, "PRAGMA synchronous = OFF", "CREATE TABLE t(a)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO t SELECT zeroblob(1000000) FROM n")
	out := filepath.Join(dir, "out")
	for _, query := range []string{
		"SELECT sum(length(data)) FROM vx_snapshot_chunks",
		"SELECT vx_snapshot_verify(" + rowColumns + ") FROM vx_snapshot_chunks",
		"SELECT vx_snapshot_restore('" + out + "', " + rowColumns + ") FROM vx_snapshot_chunks",
		"SELECT vx_snapshot_restore('" + out + "', " + rowColumns + ") FROM (SELECT * FROM vx_snapshot_chunks ORDER BY -seq)",
	} {
		for _, after := range []time.Duration{30, 100, 200, 400, 700} {
			ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
			start := time.Now()
			var got sql.NullString
			err := conn.QueryRowContext(ctx, query).Scan(&got)
			late := time.Since(start) - after*time.Millisecond
			cancel()
			if err == nil {
				_ = os.RemoveAll(out) // it was faster
				continue
			}
			var e sqlite3.Error
			interrupted := errors.As(err, &e) && e.Code == sqlite3.ErrInterrupt
			if !interrupted && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v", query, err)
			}
			if late > 200*time.Millisecond {
				t.Errorf("%s: interrupted after %v, ended %v later", query, after*time.Millisecond, late)
			}
			// An interrupt behind the rename comes too late: everything is there then.
			if cmp, err := exec.Command("cmp", filepath.Join(dir, "live.db"), filepath.Join(out, "database.db")).CombinedOutput(); err == nil {
				_ = os.RemoveAll(out)
			} else if _, gone := os.Lstat(out); gone == nil {
				t.Errorf("%s: half a restore: %s", query, cmp)
			}
			names, err := filepath.Glob(filepath.Join(dir, "*out*"))
			if hidden, _ := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(names)+len(hidden) > 0 {
				t.Errorf("%s: left behind: %v %v %v", query, names, hidden, err)
			}
		}
	}
}

// Sixteen connections at once, each used from several threads in turn.
func TestThreads(t *testing.T) {
	file := filepath.Join(t.TempDir(), "live.db")
	run(t, open(t, file), "PRAGMA journal_mode = WAL", "CREATE TABLE t(a, b)", fill)
	var wait sync.WaitGroup
	for i := range 16 {
		conn := open(t, file)
		wait.Go(func() {
			for n := range 20 {
				done := make(chan error)
				go func() { // another goroutine, and so another thread now and then
					got, err := tryText(conn, "SELECT vx_snapshot_verify("+rowColumns+") FROM vx_snapshot_chunks(?)", 512+n)
					if err == nil && got != "ok" {
						err = fmt.Errorf("verify: %s", got)
					}
					done <- err
				}()
				if err := <-done; err != nil {
					t.Errorf("connection %d: %v", i, err)
				}
			}
		})
	}
	wait.Wait()
}
