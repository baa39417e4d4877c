package live_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
)

// openFile opens a connection with vxsnap's tables that waits 20 s for locks.
func openFile(t *testing.T, path string) *sql.Conn {
	t.Helper()
	db, err := sql.Open("sqlite3", path+"?_busy_timeout=20000")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); db.Close() })
	if err := conn.Raw(extension.Register); err != nil {
		t.Fatal(err)
	}
	return conn
}

func perform(t *testing.T, conn *sql.Conn, queries ...string) {
	t.Helper()
	for _, query := range queries {
		if _, err := conn.ExecContext(context.Background(), query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

// untilNobodyMayRead waits until a new reader of a database finds it locked.
func untilNobodyMayRead(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path+"?_busy_timeout=0")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		var n int
		if e := (sqlite3.Error{}); errors.As(db.QueryRow("SELECT count(*) FROM t").Scan(&n), &e) && e.Code == sqlite3.ErrBusy {
			return
		}
	}
	t.Fatal("no writer came")
}

// A writer that waits for the reader which takes a snapshot is not waited for.
func TestWriterThatWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	reader, writer := openFile(t, path), openFile(t, path)
	perform(t, reader, "CREATE TABLE t(a)", "BEGIN", "SELECT * FROM t")
	perform(t, writer, "BEGIN IMMEDIATE", "INSERT INTO t VALUES (1)")
	committed := make(chan error, 1)
	go func() {
		_, err := writer.ExecContext(context.Background(), "COMMIT")
		committed <- err
	}()
	untilNobodyMayRead(t, path) // the writer has its PENDING lock, and waits
	begin := time.Now()
	var rows int
	if err := reader.QueryRowContext(t.Context(), "SELECT count(*) FROM vx_snapshot_chunks").Scan(&rows); err != nil || rows != 3 {
		t.Errorf("got %d rows, %v", rows, err)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("the snapshot waited %v for a writer that waited for it", took)
	}
	if way, want := ofDriver(t, reader).Way(), "spool: no pin: a writer waits until this connection's read transaction ends: database is locked"; way != want {
		t.Errorf("way: got %q, want %q", way, want)
	}
	perform(t, reader, "COMMIT")
	if err := <-committed; err != nil {
		t.Errorf("the writer: %v", err)
	}
}

// A snapshot that waits for a lock can be interrupted: one through a pin, a spool,
// and one that has not read the schema yet. It gets the lock when that is free.
func TestWaitIsInterrupted(t *testing.T) {
	for _, test := range []struct{ name, before, words string }{
		{"pin", "SELECT * FROM side.t", "'none'"},
		{"spool", "PRAGMA side.locking_mode = EXCLUSIVE", "'none'"},
		{"schema", "SELECT 1", "'disk'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			reader, writer := openFile(t, filepath.Join(dir, "app.db")), openFile(t, filepath.Join(dir, "side.db"))
			perform(t, writer, "CREATE TABLE t(a)")
			perform(t, reader, "ATTACH '"+dir+"/side.db' AS side", test.before)
			perform(t, writer, "BEGIN EXCLUSIVE")
			query := "SELECT count(*) FROM vx_snapshot_chunks(NULL, 'side', " + test.words + ")"
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			begin := time.Now()
			var rows int
			err := reader.QueryRowContext(ctx, query).Scan(&rows)
			if took := time.Since(begin); took > 800*time.Millisecond { // 500 after the interrupt, on a busy machine
				t.Errorf("the interrupt took %v", took-300*time.Millisecond)
			}
			if e := (sqlite3.Error{}); err == nil || !errors.Is(err, context.DeadlineExceeded) && (!errors.As(err, &e) || e.Code != sqlite3.ErrInterrupt) {
				t.Errorf("got %d rows, %v, want an interrupt", rows, err)
			}
			var timeout int
			if err := reader.QueryRowContext(t.Context(), "PRAGMA busy_timeout").Scan(&timeout); err != nil || timeout != 20000 {
				t.Errorf("the host's busy timeout: got %d, %v", timeout, err)
			}
			go func() {
				time.Sleep(300 * time.Millisecond)
				_, _ = writer.ExecContext(context.Background(), "COMMIT")
			}()
			if err := reader.QueryRowContext(t.Context(), query).Scan(&rows); err != nil || rows != 3 {
				t.Errorf("after the wait: got %d rows, %v", rows, err)
			}
		})
	}
}

// An authorizer that ignores what vxsnap asks does not make it an empty snapshot.
func TestIgnoredPragmas(t *testing.T) {
	for _, ignored := range []string{"busy_timeout", "locking_mode", "page_size", "schema_version"} {
		t.Run(ignored, func(t *testing.T) {
			conn := openFile(t, filepath.Join(t.TempDir(), "app.db"))
			perform(t, conn, "CREATE TABLE t(a)", "INSERT INTO t VALUES (1)")
			if ignored == "page_size" || ignored == "schema_version" { // of a spool
				perform(t, conn, "PRAGMA locking_mode = EXCLUSIVE", "SELECT * FROM t")
			}
			err := conn.Raw(func(driver any) error {
				driver.(*sqlite3.SQLiteConn).RegisterAuthorizer(func(op int, what, _, _ string) int {
					if op == sqlite3.SQLITE_PRAGMA && what == ignored {
						return sqlite3.SQLITE_IGNORE
					}
					return sqlite3.SQLITE_OK
				})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			var rows int
			err = conn.QueryRowContext(t.Context(), "SELECT count(*) FROM vx_snapshot_chunks").Scan(&rows)
			want := ignored + " gives nothing: the authorizer of this connection ignores it; let it answer SQLITE_OK"
			if e := (sqlite3.Error{}); !errors.As(err, &e) || e.Code != sqlite3.ErrAuth || !strings.Contains(err.Error(), want) {
				t.Errorf("got %d rows, %v, want %q", rows, err, want)
			}
		})
	}
}

// What else waits for a lock can be interrupted too.
func TestOtherWaitsAreInterrupted(t *testing.T) {
	for _, test := range []struct{ name, lock, query string }{
		{"files", "BEGIN EXCLUSIVE", "SELECT count(*) FROM vx_snapshot_files('side')"},
		{"flush", "BEGIN EXCLUSIVE", "SELECT vx_snapshot_flush() + 1"},
		{"relocate", "BEGIN IMMEDIATE", "SELECT vx_snapshot_relocate() + 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			reader := connection(t, "sqlite3_vectorlite", filepath.Join(dir, "app.db"), "PRAGMA busy_timeout = 20000")
			defer reader.Close()
			if err := reader.Raw(extension.Register); err != nil {
				t.Fatal(err)
			}
			perform(t, reader, "CREATE TABLE t(a)", "ATTACH '"+dir+"/side.db' AS side")
			locked := "side.db"
			if test.name == "relocate" { // which is of main
				locked = "app.db"
			}
			writer := openFile(t, filepath.Join(dir, locked))
			perform(t, writer, test.lock)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			begin := time.Now()
			var n int
			err := reader.QueryRowContext(ctx, test.query).Scan(&n)
			if took := time.Since(begin); took > 800*time.Millisecond { // as above
				t.Errorf("the interrupt took %v", took-300*time.Millisecond)
			}
			if e := (sqlite3.Error{}); err == nil || !errors.Is(err, context.DeadlineExceeded) && (!errors.As(err, &e) || e.Code != sqlite3.ErrInterrupt) {
				t.Errorf("got %d, %v, want an interrupt", n, err)
			}
			perform(t, writer, "COMMIT")
			if err := reader.QueryRowContext(t.Context(), test.query).Scan(&n); err != nil || n != 1 {
				t.Errorf("without the lock: got %d, %v", n, err)
			}
		})
	}
}

// Nor does one that ignores reads of the schema hide an index file.
func TestIgnoredSchema(t *testing.T) {
	for _, column := range []string{"type", "sql"} {
		conn := openFile(t, filepath.Join(t.TempDir(), "app.db"))
		perform(t, conn, "CREATE TABLE t(a)", "PRAGMA locking_mode = EXCLUSIVE", "SELECT * FROM t")
		err := conn.Raw(func(driver any) error {
			driver.(*sqlite3.SQLiteConn).RegisterAuthorizer(func(op int, table, of, _ string) int {
				if op == sqlite3.SQLITE_READ && table == "sqlite_master" && of == column {
					return sqlite3.SQLITE_IGNORE
				}
				return sqlite3.SQLITE_OK
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, query := range []string{"SELECT count(*) FROM vx_snapshot_chunks", "SELECT count(*) FROM vx_snapshot_files"} {
			var rows int
			err = conn.QueryRowContext(t.Context(), query).Scan(&rows)
			const want = "the schema of 'main' says nothing of its tables: the authorizer of this connection ignores reads of it"
			if e := (sqlite3.Error{}); !errors.As(err, &e) || e.Code != sqlite3.ErrAuth || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %s: got %d rows, %v, want %q", column, query, rows, err, want)
			}
		}
	}
}
