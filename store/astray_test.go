package store_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/store"
)

// oneNight makes a store with a night, and the rows of an increment on it.
func oneNight(t *testing.T) (s *store.Store, path string, nights map[int64]map[string][]byte, increment []snapshot.Row, next []byte) {
	t.Helper()
	s, path = newStore(t, store.Options{ChunkSize: 512})
	b := testkit.Noise(1, 5120)
	rows, manifest := rowsOf(t, b, 512, nil)
	if err := importRows(s, rows); err != nil {
		t.Fatal(err)
	}
	next = bytes.Clone(b)
	next[700]++
	next[3000]++
	increment, _ = rowsOf(t, next, 512, manifest)
	return s, path, map[int64]map[string][]byte{1: {database: b}}, increment, next
}

// A row after the end row changes no snapshot that is whole.
func TestRowAfterTheEnd(t *testing.T) {
	s, path, nights, rows, _ := oneNight(t)
	other := rows[1] // a chunk that the increment leaves as it is
	other.Seq, other.Offset = 9, 8*512
	rows = append(rows, other)
	if err := importRows(s, rows); err == nil || !strings.HasSuffix(err.Error(), "a file row is not one of the snapshot whose metadata row came; save the rows in order of seq") {
		t.Errorf("%v", err)
	}
	holds(t, s, nights)
	raw := openApp(t, path)
	defer raw.close()
	if err := insertRows(raw, rows); err == nil {
		t.Error("SQL takes it")
	}
	holds(t, s, nights)
}

// Who goes on after an error, here of a full disk, which ended the transaction, saves
// nothing outside of one.
func TestErrorIsKept(t *testing.T) {
	s, _, nights, _, _ := oneNight(t)
	next := testkit.Noise(2, 512*400)
	rows, _ := rowsOf(t, next, 512, nil)
	s.Limit(1) // which is what there is
	_, err := s.Import(ctx, func(add func(*snapshot.Row) error) error {
		for i := range rows {
			if add(&rows[i]) != nil {
				s.Limit(10000)
			}
		}
		return nil
	})
	if err == nil || !strings.HasSuffix(err.Error(), "database or disk is full") {
		t.Errorf("%v", err)
	}
	holds(t, s, nights)
	if err := importRows(s, rows); err != nil {
		t.Errorf("the next one: %v", err)
	}
	nights[2] = map[string][]byte{database: next}
	holds(t, s, nights)
}

// A watched context counts how many may still call back when it ends.
type watched struct {
	context.Context
	done    chan struct{}
	waiting int
}

func (w *watched) Done() <-chan struct{} { return w.done }

func (w *watched) AfterFunc(func()) (stop func() bool) {
	w.waiting++
	return func() bool { w.waiting--; return true }
}

// A caller that panics leaves no transaction open, and nothing that its context would
// interrupt when the store is closed.
func TestPanic(t *testing.T) {
	s, _, nights, rows, next := oneNight(t)
	ctx := &watched{ctx, make(chan struct{}), 0}
	panics := func(do func() error) {
		t.Helper()
		defer func() {
			if recover() != "mine" {
				t.Error("no panic")
			}
		}()
		t.Error(do())
	}
	panics(func() error {
		_, err := s.Import(ctx, func(add func(*snapshot.Row) error) error {
			if err := errors.Join(add(&rows[0]), add(&rows[1])); err != nil {
				return err
			}
			panic("mine")
		})
		return err
	})
	panics(func() error { return s.Rows(ctx, 1, func(*snapshot.Row) error { panic("mine") }) })
	if ctx.waiting != 0 {
		t.Errorf("%d would interrupt a connection that may be closed", ctx.waiting)
	}
	holds(t, s, nights)
	if err := importRows(s, rows); err != nil {
		t.Errorf("the next one: %v", err)
	}
	nights[2] = map[string][]byte{database: next}
	holds(t, s, nights)
}

// Rows in statements of their own, with another conflict clause: what was given up goes
// with all of its bytes.
func TestGivenUpWithReplace(t *testing.T) {
	s, path, nights, rows, next := oneNight(t)
	raw := openApp(t, path)
	defer raw.close()
	for _, i := range []int{0, 1, 1} {
		var name, data, metadata any = rows[i].FileName, rows[i].Data, nil
		if i == 0 {
			name, data, metadata = nil, nil, rows[i].Metadata
		}
		raw.run("INSERT OR REPLACE INTO save(seq, file_name, offset, data, is_last, metadata_json) VALUES (?, ?, ?, ?, 0, ?)",
			rows[i].Seq, name, rows[i].Offset, data, metadata)
	}
	if err := importRows(s, rows); err != nil {
		t.Error(err)
	}
	nights[2] = map[string][]byte{database: next}
	holds(t, s, nights)
}

// A row without seq is no row, and is not passed over.
func TestRowWithoutSeq(t *testing.T) {
	_, path, _, _, _ := oneNight(t)
	raw := openApp(t, path)
	defer raw.close()
	_, err := raw.conn.ExecContext(ctx, "INSERT INTO save(metadata_json) VALUES ('{}')")
	if err == nil || !strings.HasPrefix(err.Error(), "the end row is not that of the snapshot whose metadata row came") {
		t.Errorf("%v", err)
	}
}

// Snapshots that were deleted as rows of their table, not through night, leave versions
// of chunks, which the next save supersedes.
func TestDeletedByHand(t *testing.T) {
	s, path, _, _, _ := oneNight(t)
	raw := openApp(t, path)
	defer raw.close()
	raw.run("DELETE FROM snapshot")
	b := testkit.Noise(2, 5120)
	rows, _ := rowsOf(t, b, 512, nil)
	if err := importRows(s, rows); err != nil {
		t.Fatal(err)
	}
	holds(t, s, map[int64]map[string][]byte{2: {database: b}})
}
