package snapshot_test

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A memoryBase has files under the names of a snapshot.
type memoryBase map[string][]byte

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() {}

func (m memoryBase) OpenBase(name string) (snapshot.BaseFile, error) {
	b, ok := m[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return memoryFile{bytes.NewReader(b)}, nil
}

func (f files) base() memoryBase {
	m := make(memoryBase)
	for i := range f {
		m[f.name(i)] = f[i]
	}
	return m
}

func manifest(t testing.TB, rows []snapshot.Row) []byte {
	t.Helper()
	m := snapshot.NewManifestMaker(nil, nil)
	defer m.Close()
	for i := range rows {
		if err := m.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	b, err := m.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (f files) increment(t testing.TB, base []byte, opt snapshot.Options) []snapshot.Row {
	t.Helper()
	var err error
	if opt.Base, err = snapshot.ParseManifest(base); err != nil {
		t.Fatal(err)
	}
	opt.ChunkSize = opt.Base.ChunkSize
	return collect(t, open(t, f.sources(), opt))
}

// verdict is that of rows with a base, or without one if it is nil.
func verdict(t testing.TB, rows []snapshot.Row, base snapshot.Base) string {
	t.Helper()
	v := snapshot.NewVerifier(vectorlite.Check, nil, nil)
	defer v.Close()
	if base != nil {
		v.With(base)
	}
	for i := range rows {
		if err := v.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	got, err := v.Result()
	if err != nil {
		return "error: " + err.Error()
	}
	return got
}

// change gives other files: pages of the database are others, it grows or shrinks, an index
// comes, goes or changes.
func (f files) change(r *rand.Rand) files {
	next := files{slices.Clone(f[0])}
	for range r.IntN(4) {
		if n := len(next[0]); n > 0 {
			copy(next[0][r.IntN(n/pageSize)*pageSize:], noise(byte(r.Uint32()), pageSize))
		}
	}
	switch r.IntN(4) {
	case 0:
		next[0] = append(next[0], noise(byte(r.Uint32()), pageSize*(1+r.IntN(20)))...)
	case 1:
		next[0] = next[0][:len(next[0])/pageSize/2*pageSize]
	}
	for i := range r.IntN(3) {
		if i+1 < len(f) && r.IntN(2) == 0 {
			next = append(next, f[i+1])
		} else {
			next = append(next, indexImage(byte(r.Uint32()), 1+r.IntN(80)))
		}
	}
	return next
}

// An increment has the chunks that its base has not, and gives with it what a full
// snapshot gives, whatever changed; alone it is checked and says what it needs.
func TestIncrements(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		chunk := []int64{512, 1000, 4096}[r.IntN(3)]
		old := small()
		next := old.change(r)
		opt := snapshot.Options{Compress: snapshot.Compression(r.IntN(2))}
		rows := next.increment(t, manifest(t, old.rows(t, chunk)), opt)
		full := next.rows(t, chunk)
		if rand.N(2) == 0 {
			r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		}
		complete := len(rows) == len(full)
		if got := verdict(t, rows, nil); got != "ok" && complete || !strings.HasPrefix(got, "ok, with base snap_") && !complete {
			t.Fatalf("seed %d: alone: %s", seed, got)
		}
		if got := verdict(t, rows, old.base()); got != "ok" {
			t.Fatalf("seed %d: with its base: %s", seed, got)
		}
		dir := filepath.Join(t.TempDir(), "out")
		if _, err := restore(dir, snapshot.RestoreOptions{Base: old.base()}, rows); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		wantFiles(t, dir, next)
		if complete {
			continue
		}
		if _, err := restore(filepath.Join(t.TempDir(), "out"), snapshot.RestoreOptions{}, rows); err == nil || !strings.Contains(err.Error(), "the rows are an increment on snap_") {
			t.Fatalf("seed %d: without a base: %v", seed, err)
		}
		lost := slices.Clone(rows)
		if i := slices.IndexFunc(lost, func(r snapshot.Row) bool { return r.Kind == snapshot.KindChunk }); i >= 0 {
			lost = slices.Delete(lost, i, i+1)
			if got := verdict(t, lost, nil); !strings.HasPrefix(got, "incomplete: ") {
				t.Fatalf("seed %d: a lost row: %s", seed, got)
			}
		}
		other := old.base()
		other[snapshot.DatabaseName] = bytes.Clone(other[snapshot.DatabaseName])
		for i := range other[snapshot.DatabaseName] {
			other[snapshot.DatabaseName][i] ^= 1
		}
		if got := verdict(t, rows, other); got == "ok" || !isOneLine(got) {
			t.Fatalf("seed %d: with another base: %s", seed, got)
		}
	}
}
