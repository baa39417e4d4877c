package store_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/store"
)

// A history is what a store should have, and the files that go on changing.
type history struct {
	*rapid.T
	s        *store.Store
	sql      *app // the same store
	nights   map[int64]map[string][]byte
	files    map[string][]byte
	order    []string // of the side files
	manifest []byte   // of the newest night, nil if it was dropped
	last     int64    // n that was given out last
}

const database = "database.db"

// change makes of a file another one: longer, shorter, empty, or with other bytes.
func change(t *rapid.T, name string, b []byte) []byte {
	const unit = 512
	size := rapid.SampledFrom([]int{len(b), len(b), len(b) + unit, len(b) + 9*unit, len(b) / unit / 2 * unit, 0, 20 * unit}).Draw(t, "size")
	if name != database { // is an index, of which verify knows the structure
		return testkit.IndexImage(rapid.Byte().Draw(t, "seed"), rapid.IntRange(0, 100).Draw(t, "elements"))
	}
	next := append(slices.Clone(b), testkit.Noise(byte(len(b)), max(0, size-len(b)))...)[:size]
	for range rapid.IntRange(0, 4).Draw(t, "writes") {
		if size > 0 {
			next[rapid.IntRange(0, size-1).Draw(t, "at")]++
		}
	}
	return next
}

func (h *history) work() {
	for _, name := range append(slices.Clone(h.order), database) {
		if rapid.Bool().Draw(h.T, "changes") {
			h.files[name] = change(h.T, name, h.files[name])
		}
	}
	switch rapid.IntRange(0, 4).Draw(h.T, "side files") {
	case 0: // one comes, perhaps again
		name := rapid.SampledFrom([]string{"index_0.idx", "index_1.idx", "b/c.idx"}).Draw(h.T, "comes")
		if h.files[name] == nil {
			h.order = append(h.order, name)
			h.files[name] = change(h.T, name, nil)
		}
	case 1: // one goes
		if len(h.order) > 0 {
			i := rapid.IntRange(0, len(h.order)-1).Draw(h.T, "goes")
			delete(h.files, h.order[i])
			h.order = slices.Delete(slices.Clone(h.order), i, i+1)
		}
	case 2:
		slices.Reverse(h.order)
	}
}

// sources are the files as a snapshot has them.
func (h *history) sources() (all []snapshot.Source) {
	for _, name := range append(slices.Clone(h.order), database) {
		f := snapshot.File{Name: name, Type: snapshot.TypeIndex, Size: int64(len(h.files[name])), Table: name}
		if name == database {
			f = snapshot.File{Name: name, Type: snapshot.TypeDatabase, Size: int64(len(h.files[name])), PageSize: 512}
		}
		all = append(all, snapshot.Source{Reader: bytes.NewReader(h.files[name]), File: f})
	}
	return all
}

// stream begins a night: an increment, or in full.
func (h *history) stream(full bool) *snapshot.Stream {
	opt := snapshot.Options{ChunkSize: h.s.ChunkSize(), Digests: true}
	if h.manifest != nil && !full {
		base, err := snapshot.ParseManifest(h.manifest)
		if err != nil {
			h.Fatalf("%v", err)
		}
		opt.Base = base
	}
	stream, err := snapshot.Open(h.sources(), opt)
	if err != nil {
		h.Fatalf("%v", err)
	}
	return stream
}

// each gives the rows before the end row, and with it those that are all.
func each(stream *snapshot.Stream, end bool, add func(*snapshot.Row) error) error {
	for {
		more, err := stream.Next()
		if err != nil || !more || stream.Row().Kind == snapshot.KindEnd && !end {
			return err
		}
		if err := add(stream.Row()); err != nil {
			return err
		}
	}
}

func (h *history) night(*rapid.T) {
	h.work()
	stream := h.stream(rapid.IntRange(0, 3).Draw(h.T, "full") == 0)
	defer stream.Close()
	var err error
	saved := store.Snapshot{N: h.last + 1, ID: stream.Metadata().SnapshotID}
	if rapid.Bool().Draw(h.T, "with SQL alone") {
		err = each(stream, true, h.sql.insert)
	} else {
		saved, err = h.s.Import(ctx, func(add func(*snapshot.Row) error) error { return each(stream, true, add) })
	}
	if err != nil {
		h.Fatalf("night: %v", err)
	}
	if saved.N != h.last+1 || saved.ID != stream.Metadata().SnapshotID {
		h.Errorf("saved %+v, want snapshot %d", saved, h.last+1)
	}
	if h.manifest, err = stream.Manifest(); err != nil {
		h.Fatalf("%v", err)
	}
	h.last, h.nights[saved.N] = saved.N, maps.Clone(h.files)
}

// giveUp leaves the rows of a night without its end row, with SQL alone.
func (h *history) giveUp(*rapid.T) {
	files, order := maps.Clone(h.files), h.order
	h.work()
	stream := h.stream(false)
	defer stream.Close()
	defer func() { h.files, h.order = files, order }()
	err := each(stream, false, h.sql.insert)
	if err != nil {
		h.Fatalf("%v", err)
	}
}

// Whatever files become, each night gives them as they were, before and after snapshots
// were dropped, and where one was given up half way.
func TestHistories(t *testing.T) {
	dir, count := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		count++
		path := filepath.Join(dir, fmt.Sprint(count))
		compression := rapid.SampledFrom([]snapshot.Compression{snapshot.CompressNothing, snapshot.CompressChunks}).Draw(t, "compression")
		s, err := store.Create(path, store.Options{ChunkSize: 512, Compression: compression})
		if err != nil {
			t.Fatalf("%v", err)
		}
		defer os.Remove(path)
		defer s.Close()
		s.Unsynced()
		sql := openApp(t, path+"?_sync=OFF")
		defer sql.close()
		h := &history{T: t, s: s, sql: sql, nights: make(map[int64]map[string][]byte), files: map[string][]byte{database: {}}}
		t.Repeat(map[string]func(*rapid.T){"": h.check, "night": h.night, "given up": h.giveUp, "prune": h.prune, "drop": h.drop})
	})
}

func (h *history) prune(*rapid.T) {
	keep := rapid.IntRange(1, 4).Draw(h.T, "keep")
	if _, err := h.s.Prune(ctx, store.Keep{Last: keep}); err != nil {
		h.Errorf("prune: %v", err)
	}
	all := slices.Sorted(maps.Keys(h.nights))
	for _, n := range all[:max(0, len(all)-keep)] {
		delete(h.nights, n)
	}
}

func (h *history) drop(*rapid.T) {
	all := slices.Sorted(maps.Keys(h.nights))
	if len(all) == 0 {
		return
	}
	n := rapid.SampledFrom(all).Draw(h.T, "drop")
	if err := h.s.Drop(ctx, n); err != nil {
		h.Errorf("drop: %v", err)
	}
	if delete(h.nights, n); n == all[len(all)-1] {
		h.manifest = nil
	}
}

func (h *history) check(*rapid.T) { holds(h.T, h.s, h.nights) }
