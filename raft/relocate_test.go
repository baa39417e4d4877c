package raftsnap_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// without is the payload of a database that declares an index at a path, without
// the file.
func without(t *testing.T, index string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sent.db")
	db, err := sql.Open("vectorlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		"CREATE TABLE raftsnap_applied(log_index INTEGER)", "INSERT INTO raftsnap_applied VALUES (9)",
		"CREATE VIRTUAL TABLE sent USING vectorlite(v float32[1], hnsw(max_elements=10), '" + index + "')",
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(db.Close(), os.Remove(index)); err != nil {
		t.Fatal(err)
	}
	return payload(t, path)
}

// Whatever a schema names, the files of a Store lie in its directory.
func TestRestoreMakesNoFileOutside(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.idx")
	stream := without(t, outside)
	directory := t.TempDir()
	s := open(t, directory)
	if err := restore(s, stream); err != nil {
		t.Fatal(err)
	}
	if err := restore(s, stream); err != nil { // which closes the state before
		t.Fatal(err)
	}
	inside := filepath.Join(directory, current(t, directory), "index_0.idx")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(outside); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a restore made %s: %v", outside, err)
	}
	if _, err := os.Stat(inside); err != nil {
		t.Errorf("the index is not in the directory of the Store: %v", err)
	}
}

// A schema in which vectorlite finds another declaration than is read here.
func TestRestoreOfUnreadableDeclaration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sent.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		"CREATE TABLE raftsnap_applied(log_index INTEGER)", "PRAGMA writable_schema = ON",
		"INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING vectorlite(v float32[0], h(), ''/x'')')",
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
	directory := t.TempDir()
	s := open(t, directory)
	if err := restore(s, payload(t, path)); !errors.Is(err, snapshot.ErrDamaged) {
		t.Errorf("got %v, want damage", err)
	}
	if got := list(t, directory); got != "current state" {
		t.Errorf("the directory holds %q", got)
	}
}
