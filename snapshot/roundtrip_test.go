package snapshot_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Whatever goes in comes out: any files, any chunk size, any order of rows.
func TestRoundTrip(t *testing.T) {
	parent, run := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		seed := rapid.Byte().Draw(r, "seed")
		want := files{noise(seed, pageSize*rapid.IntRange(0, 40).Draw(r, "pages"))}
		for _, elements := range rapid.SliceOfN(rapid.IntRange(0, 60), 0, 4).Draw(r, "elements") {
			seed++
			want = append(want, indexImage(seed, elements))
		}
		chunkSize := rapid.OneOf(rapid.Int64Range(512, 700), rapid.Int64Range(700, 25000)).Draw(r, "chunk size")
		rows := want.rows(t, chunkSize)
		if rapid.Bool().Draw(r, "in any order") {
			shuffle(rapid.Uint64().Draw(r, "order"))(rows)
		}
		if got := verify(t, nil, rows); got != "ok" {
			r.Fatalf("verify: %s", got)
		}
		run++
		dir := filepath.Join(parent, fmt.Sprint(run))
		if _, err := restore(dir, snapshot.RestoreOptions{FS: hastyFS{snapshot.OS}}, rows); err != nil {
			r.Fatal(err)
		}
		wantFiles(t, dir, want)

		at := rapid.IntRange(0, len(rows)-1).Draw(r, "lost")
		if got := verify(t, nil, slices.Delete(rows, at, at+1)); got == "ok" {
			r.Fatalf("verify says ok without row %d", at)
		}
	})
}

// A hastyFS makes nothing durable.
type hastyFS struct{ snapshot.FS }

func (hastyFS) SyncDir(string) error                { return nil }
func (hastyFS) SyncFile(string, func() error) error { return nil }
