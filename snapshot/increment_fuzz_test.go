package snapshot_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Whatever is read as a manifest costs what was given, is written as it was read, and an
// increment on it is whole with the files that it is of.
func FuzzParseManifest(f *testing.F) {
	for _, some := range []files{small(), small()[:1], {nil}} {
		whole := manifest(f, some.rows(f, smallChunk))
		f.Add(whole)
		f.Add(whole[:len(whole)-5])
	}
	empty, err := snapshot.ManifestOf(nil, snapshot.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(empty)
	f.Fuzz(func(t *testing.T, in []byte) {
		var m *snapshot.Manifest
		var err error
		given := bytes.Clone(in)
		if took := allocated(func() { m, err = snapshot.ParseManifest(in) }); took > 1<<20+uint64(200*len(in)) {
			t.Errorf("%d bytes took %d of memory", len(in), took)
		}
		if err != nil {
			if !isOneLine(err.Error()) {
				t.Errorf("error %q", err)
			}
			return
		}
		if !bytes.Equal(in, given) {
			t.Error("it has changed")
		}
		rows := collect(t, open(t, small().sources(), snapshot.Options{ChunkSize: m.ChunkSize, Base: m}))
		if got := verdict(t, rows, nil); got != "ok" && !strings.HasPrefix(got, "ok, with base ") || !isOneLine(got) {
			t.Errorf("the increment on it is %q", got)
		}
		if got := verdict(t, rows, small().base()); got != "ok" {
			t.Errorf("with the files it is %q", got)
		}
	})
}

// Whatever happens to an increment and its base, verify and restore say ok only where the
// files come out that the snapshot has; and alone only where its rows are what they were.
func FuzzIncrement(f *testing.F) {
	original := tonight().increment(f, small(), 512)
	want := essence(original)
	f.Add([]byte{}, uint16(0), byte(0))
	for op := range byte(10) {
		f.Add([]byte{op, 3, 9}, uint16(op)*700, op%2)
		f.Add([]byte{2, 0, 5, op, 1, 2, 2, 3, 7}, uint16(0), byte(0))
	}
	f.Fuzz(func(t *testing.T, ops []byte, at uint16, flip byte) {
		if len(ops) > 3*100 {
			return
		}
		rows := mutate(slices.Clone(original), ops)
		same := slices.Equal(essence(rows), want)
		base := small().base()
		database := bytes.Clone(base[snapshot.DatabaseName])
		database[int(at)%len(database)] ^= flip
		base[snapshot.DatabaseName] = database

		alone := verdict(t, rows, nil)
		if same != strings.HasPrefix(alone, "ok") && !endDiffers(rows, original) || !isOneLine(alone) {
			t.Errorf("alone it is %q, the rows are the same: %t", alone, same)
		}
		got := verdict(t, rows, base)
		parent := t.TempDir()
		dir := filepath.Join(parent, "out")
		_, err := restore(dir, snapshot.RestoreOptions{FS: hastyFS{snapshot.OS}, Base: base}, rows)
		switch {
		case got == "ok" && err == nil:
			wantFiles(t, dir, tonight())
		case got == "ok" || err == nil || err.Error() != got:
			t.Errorf("verify says %q, restore %v", got, err)
		case len(list(t, parent)) > 0:
			t.Errorf("a failed restore left %q", list(t, parent))
		}
		if same && flip == 0 && got != "ok" {
			t.Errorf("as it was it is %q", got)
		}
	})
}

// endDiffers reports whether the end record is another: which base it names is said by it
// alone.
func endDiffers(rows, original []snapshot.Row) bool {
	end := original[len(original)-1].Metadata
	return !slices.ContainsFunc(rows, func(r snapshot.Row) bool { return r.Metadata == end })
}
