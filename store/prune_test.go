package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/store"
)

// Nights of 2026: 1 is the first of January, a Thursday. The day of each snapshot.
func TestKeep(t *testing.T) {
	days := []string{
		"2026-01-01T00:00:00Z", "2026-01-01T23:59:59Z", // 1, 2
		"2026-01-03T12:00:00Z", "2026-01-04T23:59:59Z", "2026-01-05T00:00:00Z", // 3, 4 on Sunday, 5 on Monday
		"2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z", // 6, 7: a Saturday and a Sunday
		"2026-02-02T01:00:00Z", "2026-02-02T02:00:00Z", // 8, 9: a Monday
		"2026-02-01T03:00:00Z", // 10: the clock was set back
	}
	for _, c := range []struct {
		keep store.Keep
		want []int64
	}{
		{store.Keep{Last: 3}, []int64{8, 9, 10}},
		{store.Keep{Last: 100}, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{store.Keep{Daily: 1}, []int64{9, 10}},
		{store.Keep{Daily: 2}, []int64{9, 10}},
		{store.Keep{Daily: 4}, []int64{5, 6, 9, 10}},
		{store.Keep{Daily: 100}, []int64{2, 3, 4, 5, 6, 9, 10}},
		{store.Keep{Weekly: 1}, []int64{9, 10}},
		{store.Keep{Weekly: 3}, []int64{5, 9, 10}},
		{store.Keep{Weekly: 4}, []int64{4, 5, 9, 10}},
		{store.Keep{Monthly: 1}, []int64{10}},
		{store.Keep{Monthly: 2}, []int64{6, 10}},
		{store.Keep{Last: 1, Daily: 3, Weekly: 4, Monthly: 2}, []int64{4, 5, 6, 9, 10}},
	} {
		s, path := newStore(t, store.Options{})
		a, raw := newApp(t), openApp(t, path)
		a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
		nights := make(map[int64]map[string][]byte)
		for _, day := range days {
			a.run("INSERT INTO t(b) VALUES (randomblob(5000))")
			n := a.save(s).N
			nights[n] = map[string][]byte{database: a.file()}
			at, err := time.Parse(time.RFC3339, day)
			if err != nil {
				t.Fatal(err)
			}
			raw.run("UPDATE snapshot SET created_at = ? WHERE n = ?", at.UnixMilli(), n)
		}
		dropped, err := s.Prune(ctx, c.keep)
		if err != nil || dropped != len(days)-len(c.want) {
			t.Errorf("%+v: dropped %d, %v", c.keep, dropped, err)
		}
		all, err := s.List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, one := range all {
			got = append(got, one.N)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v keeps %v, want %v", c.keep, got, c.want)
		}
		kept := make(map[int64]map[string][]byte)
		for _, n := range got {
			kept[n] = nights[n]
		}
		holds(t, s, kept)
		raw.close()
	}
}

func TestKeepNothing(t *testing.T) {
	s, _ := newStore(t, store.Options{})
	a := newApp(t)
	a.run("CREATE TABLE t(a)")
	a.save(s)
	for _, keep := range []store.Keep{{}, {Last: -1}, {Last: 3, Monthly: -1}} {
		if _, err := s.Prune(ctx, keep); !errors.Is(err, store.ErrKeep) {
			t.Errorf("%+v: %v", keep, err)
		}
	}
	if err := s.Drop(ctx, 7); !errors.Is(err, store.ErrNoSnapshot) {
		t.Errorf("Drop: %v", err)
	}
	if err := s.Rows(ctx, 7, func(*snapshot.Row) error { return nil }); !errors.Is(err, store.ErrNoSnapshot) {
		t.Errorf("Rows: %v", err)
	}
	if _, err := s.Verify(ctx, 7); !errors.Is(err, store.ErrNoSnapshot) {
		t.Errorf("Verify: %v", err)
	}
	directory := filepath.Join(t.TempDir(), "restored")
	if _, err := s.Restore(ctx, 7, directory); !errors.Is(err, store.ErrNoSnapshot) {
		t.Errorf("Restore: %v", err)
	}
	if _, err := os.Stat(directory); !os.IsNotExist(err) {
		t.Errorf("and there is %s", directory)
	}
	holds(t, s, map[int64]map[string][]byte{1: {database: a.file()}})
}

// What was pruned makes room for the next nights.
func TestRoom(t *testing.T) {
	s, path := newStore(t, store.Options{})
	a := newApp(t)
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	for range 20 {
		a.run(fill)
	}
	size := func() int64 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	night := func() {
		a.run("UPDATE t SET b = randomblob(1000) WHERE id IN (SELECT abs(random()) % 2000 FROM t LIMIT 100)")
		a.save(s)
	}
	for range 15 {
		night()
	}
	before := size()
	if dropped, err := s.Prune(ctx, store.Keep{Last: 5}); err != nil || dropped != 10 {
		t.Fatal(dropped, err)
	}
	for range 8 {
		night()
	}
	if grown := size() - before; grown != 0 {
		t.Errorf("the file grew by %d bytes", grown)
	}
	if problems, err := s.Check(ctx); err != nil || len(problems) > 0 {
		t.Errorf("Check: %q, %v", problems, err)
	}
}

// An end of the context, and an error, leave the store as it was.
func TestCancel(t *testing.T) {
	s, _ := newStore(t, store.Options{})
	a := newApp(t)
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	a.run(fill)
	a.save(s)
	want := map[int64]map[string][]byte{1: {database: a.file()}}
	a.run(fill)

	early, cancel := context.WithCancel(ctx)
	cancel()
	err := a.with(func(cn *live.Conn) error {
		_, err := s.Save(early, cn, "main", "")
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Save: %v", err)
	}
	rows, _ := rowsOf(t, testkit.Noise(1, 51200), s.ChunkSize(), nil)
	half, cancel := context.WithCancel(ctx)
	_, err = s.Import(half, func(add func(*snapshot.Row) error) error {
		for i := range rows {
			if i == 3 {
				cancel()
			}
			if err := add(&rows[i]); err != nil || i >= 3 {
				if err == nil {
					t.Error("the row after the end of the context is taken")
				}
				return err
			}
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Import: %v", err)
	}
	if _, err := s.Prune(early, store.Keep{Last: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("Prune: %v", err)
	}
	err = a.with(func(cn *live.Conn) error {
		_, err := s.Save(ctx, cn, "nowhere", "")
		return err
	})
	if misuse := new(live.Misuse); !errors.As(err, &misuse) {
		t.Errorf("Save of a schema that is not there: %v", err)
	}
	holds(t, s, want)
	want[a.save(s).N] = map[string][]byte{database: a.file()}
	holds(t, s, want)
}
