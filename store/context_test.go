package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/store"
)

// The end of a context ends the wait for a lock of the database that is saved.
func TestSaveWaitsNoLongerThanItsContext(t *testing.T) {
	a := newApp(t)
	a.run("CREATE TABLE t(a)")
	s, err := store.Create(filepath.Join(t.TempDir(), "store.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	database, err := live.OpenDatabase(a.path)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	a.run("BEGIN EXCLUSIVE")
	at := &testkit.Countdown{Context: ctx}
	at.Left.Store(9)
	if _, err := s.Save(at, database.Conn, "main", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	_, err = s.Save(ctx, database.Conn, "main", "")
	if err == nil || errors.Is(err, store.ErrBusy) || !strings.HasSuffix(err.Error(), "database is locked") {
		t.Errorf("without an end: got %v, want what SQLite says of the database, and nothing of the store", err)
	}
	a.run("ROLLBACK")
	if saved, err := s.Save(ctx, database.Conn, "main", ""); err != nil || saved.N != 1 {
		t.Errorf("got %+v, %v", saved, err)
	}
}
