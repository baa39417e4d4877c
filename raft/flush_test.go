package raftsnap_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/raft"
	"golang.org/x/sys/unix"
)

// A reader cannot write, not even a vector, and what it leaves open is closed:
// neither a snapshot nor a restore waits for it, and no entry meets it.
func TestReadLeavesNothing(t *testing.T) {
	other := open(t, t.TempDir())
	fill(t, other, 1, 10)
	payload := persisted(t, other)
	s := open(t, t.TempDir())
	fill(t, s, 1, 20)
	careless := func() {
		t.Helper()
		err := s.Read(func(tx *sql.Tx) error {
			for _, write := range []string{
				"DELETE FROM docs", "INSERT INTO docs_vec(rowid, v) VALUES (77777, vector_from_json('[1,1,1,1]'))",
				"DELETE FROM docs_vec WHERE rowid = 1", "DROP TABLE docs", "COMMIT; DELETE FROM docs",
			} {
				if _, err := tx.Exec(write); err == nil || !strings.Contains(err.Error(), "readonly database") {
					t.Errorf("%s in Read: got %v", write, err)
				}
			}
			for _, query := range []string{"SELECT * FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1,1,1,1]'), 5))", "SELECT * FROM raftsnap_applied"} {
				rows, err := tx.Query(query)
				if err != nil {
					return err
				}
				if !rows.Next() { // and never closed
					return rows.Err()
				}
			}
			return errSink
		})
		if !errors.Is(err, errSink) {
			t.Errorf("Read returned %v", err)
		}
	}
	before := content(t, s)
	careless()
	if got := content(t, s); got != before {
		t.Errorf("after a reader that wrote, the state answers\n%s\nwant\n%s", got, before)
	}
	fill(t, s, 21, 25)
	want := content(t, s)
	careless()
	moment := snap(t, s)
	out := newSink()
	if err := moment.Persist(out); err != nil {
		t.Fatal(err)
	}
	moment.Release()
	careless()
	if err := restore(s, payload); err != nil {
		t.Fatal(err)
	}
	careless()
	if err := restore(s, out.Bytes()); err != nil {
		t.Fatal(err)
	}
	if got := content(t, s); got != want {
		t.Errorf("the state answers\n%s\nwant\n%s", got, want)
	}
	careless() // before Close
}

// An index file that cannot be written: no snapshot, and no vector lost.
func TestSnapshotRefused(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	fill(t, s, 1, 10)
	snap(t, s).Release()
	fill(t, s, 11, 20)
	want := content(t, s)
	index := filepath.Join(directory, current(t, directory), "docs.idx")
	if err := errors.Join(os.Rename(index, index+"-away"), os.Mkdir(index, 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Snapshot(); err == nil || !strings.Contains(err.Error(), "nothing was written") {
		t.Errorf("Snapshot: %v", err)
	}
	if got := content(t, s); got != want {
		t.Errorf("after a refused snapshot\n%s\nwant\n%s", got, want)
	}
	if err := errors.Join(os.Remove(index), os.Rename(index+"-away", index)); err != nil {
		t.Fatal(err)
	}
	other := open(t, t.TempDir())
	if err := restore(other, persisted(t, s)); err != nil {
		t.Fatal(err)
	}
	if got := content(t, other); got != want {
		t.Errorf("handed on\n%s\nwant\n%s", got, want)
	}
}

// The disk is full when vectorlite writes: vectors are lost, and the node must
// not go on as if they were there.
func TestSnapshotLosesVectors(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
		t.Fatalf("mount a small tmpfs (this test runs as root): %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	s := open(t, filepath.Join(disk, "state"))
	fill(t, s, 1, 100)
	payload, want := persisted(t, s), content(t, s)
	for id := 101; id < 2000; id++ {
		if err := put(s, id, "more"); err != nil {
			t.Fatal(err)
		}
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(disk, &fs); err != nil {
		t.Fatal(err)
	}
	// With room for the file of before, or a flush refuses; the new one is larger.
	info, err := os.Stat(filepath.Join(disk, "state", "current", "docs.idx"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(disk, "ballast"), make([]byte, int64(fs.Bavail)*fs.Bsize-info.Size()-2*fs.Bsize), 0o600); err != nil {
		t.Fatal(err)
	}
	_, failed := s.Snapshot()
	if failed == nil || !strings.Contains(failed.Error(), "vectors that this connection held are lost") || !strings.Contains(failed.Error(), "end the process") {
		t.Fatalf("Snapshot on a full disk: %v", failed)
	}
	if err := os.Remove(filepath.Join(disk, "ballast")); err != nil {
		t.Fatal(err)
	}
	if err := put(s, 2000, "next"); err != failed { //nolint:errorlint // the very same
		t.Errorf("the next entry: %v", err)
	}
	if _, err := s.Snapshot(); err != failed { //nolint:errorlint // the very same
		t.Errorf("the next snapshot: %v", err)
	}
	s.StoreConfiguration(2001, raft.Configuration{})
	checkBehind(t, s, failed, "vectors that this connection held are lost")
	if err := restore(s, payload); err != nil {
		t.Fatal(err)
	}
	if got := content(t, s); got != want {
		t.Errorf("restored\n%s\nwant\n%s", got, want)
	}
	if err := put(s, 2002, "after"); err != nil {
		t.Error(err)
	}
}
