package c_test

import (
	"errors"
	"os/exec"
	"testing"

	"github.com/vxsnap/vxsnap/c"
)

// A run of an aggregate for which SQLite has no context does not get to Go, which
// would take it for any other run that has none: of two restores, say.
func TestNoContext(t *testing.T) {
	program := compiled(t, "testdata/context.c", "guard.c", "fork.c", "memory.c")
	out, err := exec.Command(program).CombinedOutput()
	if got := string(out); got != "SQLITE_NOMEM Go " || err != nil {
		t.Errorf("got %s, %v, want SQLITE_NOMEM Go", got, err)
	}
}

// A text that SQLite has no memory for is an error and no empty text, also where
// whoever reads it has an error of his own to tell. The limit stays: it can only be
// lowered.
func TestTextWithoutMemory(t *testing.T) {
	const limit, query = "PRAGMA hard_heap_limit = 64000000", "SELECT zeroblob(70000000 + random() * 0) UNION ALL SELECT 1"
	inside(t, ":memory:", func(db c.DB) {
		if err := db.Exec(limit); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Text(query); !errors.Is(err, c.NoMemory) {
			t.Errorf("Text: got %q, %v", got, err)
		}
		err := db.Each(query, func(s *c.Stmt) error { return errors.New("no such table: " + s.Text(0)) })
		if !errors.Is(err, c.NoMemory) {
			t.Errorf("Each: got %v", err)
		}
		s, err := db.Prepare(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Step(); err != nil {
			t.Fatal(err)
		}
		_ = s.Text(0)
		if row, err := s.Step(); row || !errors.Is(err, c.NoMemory) {
			t.Errorf("Step: got %t, %v", row, err)
		}
		s.Close()
		if err := db.Exec("SELECT 1"); err != nil { // or the connection is not opened
			t.Error(err)
		}
	})
}
