package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/store"
)

// A store that somebody else writes is waited for, and read meanwhile.
func TestBusy(t *testing.T) {
	const wait = 350 * time.Millisecond
	defer store.Wait(wait)()
	s, path := newStore(t, store.Options{})
	a := newApp(t)
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	a.save(s)
	nights := map[int64]map[string][]byte{1: {database: a.file()}}
	other := openApp(t, path)
	defer other.close()
	other.run("BEGIN IMMEDIATE")
	save := func(ctx context.Context) error {
		return a.with(func(cn *live.Conn) error {
			_, err := s.Save(ctx, cn, "main", "")
			return err
		})
	}
	start := time.Now()
	if err := save(ctx); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Save: %v", err)
	}
	if waited := time.Since(start); waited < wait {
		t.Errorf("waited %v, want %v", waited, wait)
	}
	if _, err := s.Prune(ctx, store.Keep{Last: 1}); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Prune: %v", err)
	}
	ending, cancel := context.WithTimeout(ctx, wait/3)
	defer cancel()
	if err := save(ending); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Save with a context that ends: %v", err)
	}
	holds(t, s, nights)
	other.run("COMMIT")
	if err := save(ctx); err != nil {
		t.Errorf("Save: %v", err)
	}

	// Who reads keeps a save from its commit.
	other.run("BEGIN")
	other.run("CREATE TEMP TABLE read AS SELECT count(*) FROM snapshot")
	if err := save(ctx); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Save beside a reader: %v", err)
	}
	other.run("COMMIT")

	other.run("BEGIN EXCLUSIVE")
	start = time.Now()
	if _, err := s.List(ctx); !errors.Is(err, store.ErrBusy) {
		t.Errorf("List beside a commit: %v", err)
	}
	if waited := time.Since(start); waited < wait {
		t.Errorf("a reader waited %v, want %v", waited, wait)
	}
	if _, err := store.Open(path); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Open beside a commit: %v", err)
	}
	other.run("COMMIT")
	nights[2] = nights[1]
	holds(t, s, nights)
}
