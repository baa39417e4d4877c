package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/store"
)

// A save beside a reader waits for it once, in its commit, and not at each page that does
// not fit into the cache: that would take minutes, in which the application cannot write.
func TestSaveBesideReader(t *testing.T) {
	defer store.Wait(350 * time.Millisecond)()
	s, path := newStore(t, store.Options{})
	s.Unsynced()
	a := newApp(t)
	a.run("CREATE TABLE t(b)")
	a.run("INSERT INTO t VALUES (randomblob(40000000))") // more than the cache
	reader := openApp(t, path)
	defer reader.close()
	reader.run("BEGIN")
	reader.run("CREATE TEMP TABLE read AS SELECT count(*) FROM snapshot")
	ending, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	save := func(cn *live.Conn) error {
		_, err := s.Save(ending, cn, "main", "")
		return err
	}
	if err := a.with(save); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Save: %v", err)
	}
	reader.run("COMMIT")
	if err := a.with(save); err != nil {
		t.Errorf("Save: %v", err)
	}
	holds(t, s, map[int64]map[string][]byte{1: {database: a.file()}})
}

// Who opens a store waits as long as who uses it.
func TestOpenWaits(t *testing.T) {
	const wait = 350 * time.Millisecond
	defer store.Wait(wait)()
	_, path := newStore(t, store.Options{})
	other := openApp(t, path)
	defer other.close()
	other.run("BEGIN EXCLUSIVE")
	start := time.Now()
	if _, err := store.Open(path); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Open: %v", err)
	}
	if waited := time.Since(start); waited < wait {
		t.Errorf("waited %v, want %v", waited, wait)
	}
}

// It is not the store that is in use where the application's database is.
func TestAppIsBusy(t *testing.T) {
	s, _ := newStore(t, store.Options{})
	a := newApp(t)
	a.run("CREATE TABLE t(b)")
	other := openApp(t, a.path)
	defer other.close()
	other.run("BEGIN EXCLUSIVE")
	err := a.with(func(cn *live.Conn) error {
		_, err := s.Save(ctx, cn, "main", "")
		return err
	})
	if err == nil || errors.Is(err, store.ErrBusy) || !strings.HasSuffix(err.Error(), "store.db': the snapshot of schema 'main': database is locked") {
		t.Errorf("Save: %v", err)
	}
}

// A dropper is a context that drops a night when it has been asked so often.
type dropper struct {
	context.Context
	after   int
	raw     *app
	dropped bool
}

func (d *dropper) Err() error {
	if d.after--; d.after == 0 {
		_, err := d.raw.conn.ExecContext(ctx, "DELETE FROM night WHERE n = 2") // where nobody reads
		d.dropped = err == nil
	}
	return nil
}

// A night that is dropped while Check runs is nothing that is wrong.
func TestCheckBesideDrop(t *testing.T) {
	drops := 0
	for after := 1; ; after++ {
		s, path := newStore(t, store.Options{})
		s.Unsynced()
		a, raw := newApp(t), openApp(t, path+"?_busy_timeout=0&_sync=OFF")
		a.run("CREATE TABLE t(b)")
		for range 3 {
			a.save(s)
		}
		d := &dropper{ctx, after, raw, false}
		if problems, err := s.Check(d); err != nil || len(problems) > 0 {
			t.Errorf("dropped at %d: %q, %v", after, problems, err)
		}
		raw.close()
		if d.dropped {
			drops++
		}
		if d.after > 0 {
			break
		}
	}
	if drops < 4 {
		t.Errorf("%d drops", drops)
	}
}
