package snapshot_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Rows that are frames are taken in any order, alone and among rows that are not.
func TestPackedRowsInAnyOrder(t *testing.T) {
	for _, c := range []struct {
		f         files
		chunkSize int64
	}{
		{files{prose(20 << 10), indexImage(2, 540)}, 512},
		{files{{}, indexImage(2, 540), indexImage(3, 10)}, 512},
		{mixed(), 65536},
		{mixed(), mib},
		{mixed(), 3 * mib},
		{files{append(prose(5*mib), noise(1, 2*mib)...)}, 700 << 10},
	} {
		plain, frames := c.f.rows(t, c.chunkSize), c.f.packedRows(t, c.chunkSize)
		for name, step := range map[string]int{"all": 1, "every other one": 2, "one of three": 3} {
			for _, order := range orders {
				rows := slices.Clone(plain)
				for i := 1; i < len(rows); i += step {
					rows[i].Data = frames[i].Data
				}
				order.apply(rows)
				what := fmt.Sprintf("chunks of %d, %s is a frame, %s", c.chunkSize, name, order.name)
				if got := verify(t, nil, rows); got != "ok" {
					t.Errorf("%s: verify: %s", what, got)
				}
				if step != 2 {
					continue
				}
				dir := filepath.Join(t.TempDir(), "out")
				if _, err := restore(dir, snapshot.RestoreOptions{FS: hastyFS{snapshot.OS}}, rows); err != nil {
					t.Errorf("%s: restore: %v", what, err)
				} else {
					wantFiles(t, dir, c.f)
				}
			}
		}
	}
}

// After Add the caller has his memory again, that of frames too.
func TestPackedRowDataIsTheCallers(t *testing.T) {
	f := mixed()
	for _, chunkSize := range []int64{512, 65536, mib, 3 * mib} {
		rows, buf := f.packedRows(t, chunkSize), make([]byte, 0, 4*mib)
		v := snapshot.NewVerifier(vectorlite.Check, nil, nil)
		for _, r := range rows {
			r.Data = append(buf, r.Data...)
			if err := v.Add(&r); err != nil {
				t.Fatal(err)
			}
			clear(r.Data)
		}
		if got, err := v.Result(); got != "ok" || err != nil {
			t.Errorf("chunks of %d: %s, %v", chunkSize, got, err)
		}
		v.Close()
	}
}

// What frames hold is written together, as what comes plain is.
func TestPackedRestoreCoalesces(t *testing.T) {
	f := files{prose(8 * mib), indexImage(2, 54)}
	for _, chunkSize := range []int64{512, 65536} {
		dir, disk := filepath.Join(t.TempDir(), "out"), &countingFS{FS: hastyFS{snapshot.OS}}
		if _, err := restore(dir, snapshot.RestoreOptions{FS: disk}, f.packedRows(t, chunkSize)); err != nil {
			t.Fatal(err)
		}
		wantFiles(t, dir, f)
		if got := disk.writes.Load(); got > 10 {
			t.Errorf("chunks of %d: %d writes, want at most 10", chunkSize, got)
		}
	}
}

// Verify holds a few MiB, and for a large chunk its size, however many rows are frames.
// Where none is, there is no decoder.
func TestPackedVerifyMemory(t *testing.T) {
	f := files{prose(48 * mib)}
	for _, chunkSize := range []int64{512, 65536, mib, 3 * mib, 24 * mib} {
		for packed, rows := range map[bool]rows{false: f.rows(t, chunkSize), true: f.packedRows(t, chunkSize)} {
			before := heap()
			v := snapshot.NewVerifier(vectorlite.Check, nil, nil)
			for i := range rows {
				if err := v.Add(&rows[i]); err != nil {
					t.Fatal(err)
				}
			}
			if verdict, err := v.Result(); verdict != "ok" || err != nil {
				t.Errorf("chunks of %d: %s, %v", chunkSize, verdict, err)
			}
			got := heap() - before // the goroutines have nothing left to do
			v.Close()
			most := int64(15 * mib)
			if packed && chunkSize > mib {
				most += chunkSize
			}
			if got > most {
				t.Errorf("chunks of %d, frames: %t: %d bytes are held, want at most %d", chunkSize, packed, got, most)
			}
		}
	}
}
