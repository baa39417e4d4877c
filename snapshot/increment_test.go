package snapshot_test

import (
	"bytes"
	"fmt"
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

// increment takes one on the files of before.
func (f files) increment(t testing.TB, old files, chunk int64) []snapshot.Row {
	t.Helper()
	rows, _ := f.night(t, manifest(t, old.rows(t, chunk)), snapshot.CompressNothing)
	return rows
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

// change gives other files: pages of the database are others, it grows, shrinks or is
// rewritten in another order; an index comes, goes, changes, or has another place.
func (f files) change(r *rand.Rand) files {
	next := files{slices.Clone(f[0])}
	for range r.IntN(4) {
		if n := len(next[0]); n > 0 {
			page := noise(byte(r.Uint32()), pageSize)
			if r.IntN(2) == 0 {
				page = bytes.Repeat(page[:1], pageSize) // which compresses
			}
			copy(next[0][r.IntN(n/pageSize)*pageSize:], page)
		}
	}
	switch r.IntN(5) {
	case 0:
		next[0] = append(next[0], noise(byte(r.Uint32()), pageSize*(1+r.IntN(20)))...)
	case 1:
		next[0] = next[0][:len(next[0])/pageSize/2*pageSize]
	case 2:
		pages := slices.Collect(slices.Chunk(slices.Clone(next[0]), pageSize))
		r.Shuffle(len(pages), func(i, j int) { pages[i], pages[j] = pages[j], pages[i] })
		next[0] = slices.Concat(pages...)
	}
	for i := range r.IntN(4) {
		if i+1 < len(f) && r.IntN(2) == 0 {
			next = append(next, f[i+1])
		} else {
			next = append(next, indexImage(byte(r.Uint32()), r.IntN(80)))
		}
	}
	if len(next) > 2 && r.IntN(3) == 0 {
		next[1], next[2] = next[2], next[1]
	}
	return next
}

// changed is how many chunks are not at the same place of old.
func (f files) changed(old files, chunk int) (n int64) {
	for i, b := range f {
		var had [][]byte
		if i < len(old) {
			had = cut(old[i], chunk)
		}
		for j, c := range cut(b, chunk) {
			if j >= len(had) || !bytes.Equal(had[j], c) {
				n++
			}
		}
	}
	return n
}

// cut gives the chunks of a file; an empty one has one.
func cut(b []byte, chunk int) [][]byte {
	if len(b) == 0 {
		return [][]byte{b}
	}
	return slices.Collect(slices.Chunk(b, chunk))
}

// night takes an increment, and the manifest that the next one may be on.
func (f files) night(t testing.TB, base []byte, compress snapshot.Compression) (rows []snapshot.Row, next []byte) {
	t.Helper()
	m, err := snapshot.ParseManifest(base)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, f.sources(), snapshot.Options{Base: m, ChunkSize: m.ChunkSize, Compress: compress, Digests: true})
	rows = collect(t, s)
	if next, err = s.Manifest(); err != nil {
		t.Fatal(err)
	}
	return rows, slices.Clone(next)
}

// Through any history each night's increment has the chunks that are not what they were at
// their place, and gives with the night before what a full snapshot gives; alone it is
// checked, and says what it needs.
func TestIncrements(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		chunk := []int64{512, 1000, 4096}[r.IntN(3)]
		old := small()
		base := manifest(t, old.rows(t, chunk))
		for range 4 {
			next := old.change(r)
			rows, m := next.night(t, base, snapshot.Compression(r.IntN(2)))
			if got, want := int64(len(rows)-2), next.changed(old, int(chunk)); got != want {
				t.Fatalf("seed %d: %d rows, want %d", seed, got, want)
			}
			if r.IntN(2) == 0 {
				r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			}
			checkIncrement(t, fmt.Sprint("seed ", seed), rows, old, next, chunk)
			if full := manifest(t, next.rows(t, chunk)); !bytes.Equal(digestsOf(full), digestsOf(m)) {
				t.Fatalf("seed %d: the manifest of an increment is not that of all", seed)
			}
			old, base = next, m
		}
	}
}

func digestsOf(manifest []byte) []byte {
	_, digests, _ := bytes.Cut(manifest, []byte("\n"))
	return digests
}

func checkIncrement(t *testing.T, what string, rows []snapshot.Row, old, next files, chunk int64) {
	t.Helper()
	complete := len(rows) == len(next.rows(t, chunk))
	if got := verdict(t, rows, nil); got != "ok" && complete || !strings.HasPrefix(got, "ok, with base snap_") && !complete {
		t.Fatalf("%s: alone: %s", what, got)
	}
	if got := verdict(t, rows, old.base()); got != "ok" {
		t.Fatalf("%s: with its base: %s", what, got)
	}
	dir := filepath.Join(t.TempDir(), "out")
	if _, err := restore(dir, snapshot.RestoreOptions{FS: hastyFS{snapshot.OS}, Base: old.base()}, rows); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	wantFiles(t, dir, next)
	if complete {
		return
	}
	if _, err := restore(filepath.Join(t.TempDir(), "out"), snapshot.RestoreOptions{}, rows); err == nil || !strings.Contains(err.Error(), "the rows are an increment on snap_") {
		t.Fatalf("%s: without a base: %v", what, err)
	}
	if i := slices.IndexFunc(rows, func(r snapshot.Row) bool { return r.Kind == snapshot.KindChunk }); i >= 0 {
		lost := slices.Delete(slices.Clone(rows), i, i+1)
		for _, base := range []snapshot.Base{nil, old.base()} {
			if got := verdict(t, lost, base); !strings.HasPrefix(got, "incomplete: ") {
				t.Fatalf("%s: a lost row: %s", what, got)
			}
		}
	}
	other := old.base()
	for name, b := range other {
		other[name] = bytes.Clone(b)
		for i := range b {
			other[name][i] ^= 1
		}
	}
	if got := verdict(t, rows, other); got == "ok" || !isOneLine(got) {
		t.Fatalf("%s: with another base: %s", what, got)
	}
}
