package raftsnap_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/raft"
	sqlite3 "github.com/mattn/go-sqlite3"
	"golang.org/x/sys/unix"

	raftsnap "github.com/vxsnap/vxsnap/raft"
)

// checkBehind reports an error unless every question is answered with the error
// that says why this node's state is not that of the others, and what to do.
func checkBehind(t *testing.T, s *raftsnap.Store, failed error, cause string) {
	t.Helper()
	for _, part := range []string{"raftsnap: this node's state is behind, because ", cause, "; end the process and start it again, so that raft restores"} {
		if !errors.Is(failed, raftsnap.ErrBehind) || !strings.Contains(failed.Error(), part) {
			t.Fatalf("got %v, want %q in it", failed, part)
		}
	}
	_, applied := s.Applied()
	_, snapshot := s.Snapshot()
	for name, err := range map[string]error{
		"Read":    s.Read(func(*sql.Tx) error { t.Error("Read answers"); return nil }),
		"Applied": applied, "Snapshot": snapshot, "Apply": put(s, 99999, "next"),
	} {
		if err != failed { //nolint:errorlint // the very same
			t.Errorf("%s: got %v, want %v", name, err, failed)
		}
	}
}

// Each way in which an entry fails on this node alone, also where it is called
// the entry's fault. A snapshot that was taken before is good, and brings the
// node back.
func TestBehind(t *testing.T) {
	full := func(tx *sql.Tx) error {
		var pages int
		err := tx.QueryRow("PRAGMA max_page_count = 1").Scan(&pages)
		if err == nil {
			_, err = tx.Exec("INSERT INTO docs VALUES (100, hex(zeroblob(100000)))")
		}
		return err
	}
	for _, c := range []struct {
		name, cause string
		f           func(tx *sql.Tx) error
	}{
		{"a full disk", "database or disk is full", full},
		{"a full disk that is called the entry's fault", "database or disk is full", func(tx *sql.Tx) error { return raftsnap.Reject(full(tx)) }},
		{"a full disk that is passed over", "no transaction is active", func(tx *sql.Tx) error {
			_, err := tx.Exec("ROLLBACK") // as SQLite itself does where a disk is full
			return err
		}},
		{"a search that was called off", "deadline", func(*sql.Tx) error { return raftsnap.Reject(context.DeadlineExceeded) }},
		{"a panic", "its function did not return", func(*sql.Tx) error { panic("out of order") }},
		{"a constraint that nobody marked", "UNIQUE constraint failed", func(tx *sql.Tx) error {
			_, err := tx.Exec("INSERT INTO docs VALUES (1, 'again')")
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			fill(t, s, 1, 10)
			before := held{snap(t, s), content(t, s)}
			failed := apply(s, 11, c.f)
			if failed == nil { // it panicked
				failed = put(s, 12, "next")
			}
			if !strings.Contains(fmt.Sprint(failed), "entry 11 could not be applied") {
				t.Errorf("got %v", failed)
			}
			checkBehind(t, s, failed, c.cause)
			out := newSink()
			if err := errors.Join(before.Persist(out), restore(s, out.Bytes())); err != nil {
				t.Fatal(err)
			}
			if got := content(t, s); got != before.want {
				t.Errorf("restored, the state answers\n%s\nwant\n%s", got, before.want)
			}
			fill(t, s, 11, 12)
		})
	}
}

// apply applies an entry; a panic ends here.
func apply(s *raftsnap.Store, index uint64, f func(tx *sql.Tx) error) error {
	defer func() { _ = recover() }()
	return s.Apply(&raft.Log{Index: index}, f)
}

// The disk is full when the entry is committed.
func TestBehindAfterCommit(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
		t.Fatalf("mount a small tmpfs (this test runs as root): %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	s := open(t, filepath.Join(disk, "state"))
	fill(t, s, 1, 10)
	var room unix.Statfs_t
	if err := unix.Statfs(disk, &room); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, int64(room.Bavail)*room.Bsize), 0o600); err != nil {
		t.Fatal(err)
	}
	reached := false
	failed := apply(s, 11, func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO docs VALUES (11, hex(zeroblob(500000)))")
		reached = err == nil
		return err
	})
	if !reached {
		t.Fatalf("the entry failed before its commit: %v", failed)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	checkBehind(t, s, failed, "disk")
}

// What every node finds alike breaks nothing.
func TestEntryFault(t *testing.T) {
	s, err := raftsnap.Open(raftsnap.Options{Directory: t.TempDir(), Driver: "vectorlite", Create: func(ctx context.Context, conn *sql.Conn, _ string) error {
		_, err := conn.ExecContext(ctx, `PRAGMA foreign_keys = ON; CREATE TABLE parents(id INTEGER PRIMARY KEY);
			CREATE TABLE children(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED)`)
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, c := range []struct{ statement, want string }{
		{"INSERT INTO children VALUES (1, 2)", "FOREIGN KEY constraint failed"}, // at the commit
		{"INSERT INTO parents VALUES ('x')", "datatype mismatch"},
		{"INSERT INTO nowhere VALUES (1)", "no such table: nowhere"},
		{"INSERT INTO parents VALUES (1)", ""}, // Reject gives nil for nil
		{"INSERT INTO parents VALUES (1)", "UNIQUE constraint failed: parents.id"},
	} {
		index := uint64(i + 1)
		err := apply(s, index, func(tx *sql.Tx) error {
			_, err := tx.Exec(c.statement)
			return raftsnap.Reject(err)
		})
		if (err != nil) != (c.want != "") || errors.Is(err, raftsnap.ErrBehind) || err != nil && (!errors.As(err, new(sqlite3.Error)) || err.Error() != c.want) {
			t.Errorf("%s: got %v, want %q", c.statement, err, c.want)
		}
		if got, err := s.Applied(); err != nil || got != index {
			t.Errorf("%s: Applied is %d, %v, want %d", c.statement, got, err, index)
		}
	}
	var parents, children int
	if err := s.Read(func(tx *sql.Tx) error {
		return tx.QueryRow("SELECT (SELECT count(*) FROM parents), (SELECT count(*) FROM children)").Scan(&parents, &children)
	}); err != nil || parents != 1 || children != 0 {
		t.Errorf("got %d parents and %d children, %v, want 1 and 0", parents, children, err)
	}
	snap(t, s).Release()
}
