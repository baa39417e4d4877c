package snapshot_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Chunks that follow each other are written together: 16384 rows with eight
// megabytes in about eight writes.
func TestRestoreCoalesces(t *testing.T) {
	f := files{noise(1, 8*mib), indexImage(2, 54)}
	rows := f.rows(t, 512)
	dir, disk := filepath.Join(t.TempDir(), "out"), &countingFS{FS: hastyFS{snapshot.OS}}
	if _, err := restore(dir, snapshot.RestoreOptions{FS: disk}, rows); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, f)
	size := int64(len(f[0]) + len(f[1]))
	if got := disk.writes.Load(); got > 10 || disk.bytes.Load() != size {
		t.Errorf("%d rows: %d writes of %d bytes, want at most 10 of %d", len(rows), got, disk.bytes.Load(), size)
	}
}

// What follows in the order of rows may be of another file, or lie elsewhere in it.
func TestRestoreCoalescesNoMore(t *testing.T) {
	names := []string{"a.idx", "b.idx", "c.db"}
	sources := sourcesOf(names...)
	sources[0].File.Size, sources[0].Reader = 0, nil // after it, offset 0 of b.idx looks like the next byte
	rows := collect(t, open(t, sources, snapshot.Options{ChunkSize: 512}))
	rows[3], rows[4] = rows[4], rows[3]
	dir := filepath.Join(t.TempDir(), "out")
	content := func([]snapshot.Part) error { return nil } // an empty file is no index
	r, err := snapshot.NewRestorer(dir, content, unmoved, snapshot.RestoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := range rows {
		if err := r.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Finish(); err != nil {
		t.Fatal(err)
	}
	for i, s := range sources {
		want := make([]byte, s.File.Size)
		if s.Reader != nil {
			_, _ = s.Reader.ReadAt(want, 0)
		}
		if got, err := os.ReadFile(filepath.Join(dir, names[i])); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %d bytes that differ from the %d exported, %v", names[i], len(got), len(want), err)
		}
	}
}

// The device gets the bytes while rows come, not at the end.
func TestRestoreStartsWriteback(t *testing.T) {
	for _, chunkSize := range []int64{65536, 4 * mib, 20 * mib} {
		const size = 48 * mib
		sources, _ := metered(size)
		s := open(t, sources, snapshot.Options{ChunkSize: chunkSize})
		disk := &countingFS{FS: hastyFS{snapshot.OS}}
		r, err := snapshot.NewRestorer(filepath.Join(t.TempDir(), "out"), vectorlite.Check, unmoved, snapshot.RestoreOptions{FS: disk})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Each(r.Add); err != nil {
			t.Fatal(err)
		}
		// Of the last rows some may be in the pool still.
		if got := disk.backs.Load(); got < 2 || got > size/(8*mib) {
			t.Errorf("chunks of %d: %d calls before the last row, want 2 to %d", chunkSize, got, size/(8*mib))
		}
		if _, err := r.Finish(); err != nil {
			t.Error(err)
		}
		if got := disk.back.Load(); got < size-8*mib {
			t.Errorf("chunks of %d: %d bytes of %d were given to the device", chunkSize, got, int64(size))
		}
		r.Close()
	}
}

// After Add the caller has his memory again, however long the chunk is.
func TestRowDataIsTheCallers(t *testing.T) {
	f := files{noise(1, 6*mib), indexImage(2, 54)}
	for _, chunkSize := range []int64{512, 65536, mib - 1, mib, mib + 1, 3 * mib, 5*mib + 512, 8 * mib} {
		rows := f.rows(t, chunkSize)
		buf := make([]byte, 0, 8*mib)
		give := func(add func(*snapshot.Row) error) {
			for _, r := range rows {
				r.Data = append(buf, r.Data...)
				if err := add(&r); err != nil {
					t.Fatalf("chunks of %d: %v", chunkSize, err)
				}
				clear(r.Data)
			}
		}
		v := snapshot.NewVerifier(vectorlite.Check, nil, nil)
		give(v.Add)
		if got, err := v.Result(); got != "ok" || err != nil {
			t.Errorf("chunks of %d: verify: %s, %v", chunkSize, got, err)
		}
		v.Close()
		dir := filepath.Join(t.TempDir(), "out")
		r, err := snapshot.NewRestorer(dir, vectorlite.Check, unmoved, snapshot.RestoreOptions{FS: hastyFS{snapshot.OS}})
		if err != nil {
			t.Fatal(err)
		}
		give(r.Add)
		if _, err := r.Finish(); err != nil {
			t.Errorf("chunks of %d: restore: %v", chunkSize, err)
		} else {
			wantFiles(t, dir, f)
		}
		r.Close()
	}
}

// Go has fewer cores from one row to the next where a container gets less; no more memory is
// held then.
func TestVerifyWithFewerCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	rows := files{noise(1, 64*mib)}.rows(t, 65536)
	before := heap()
	v := snapshot.NewVerifier(vectorlite.Check, nil, nil)
	defer v.Close()
	for i := range rows {
		if i == len(rows)/2 {
			runtime.GOMAXPROCS(1)
		}
		if err := v.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if got := heap() - before; got > 15*mib {
		t.Errorf("%d bytes are held", got)
	}
	runtime.KeepAlive(rows)
	if got, err := v.Result(); got != "ok" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
}
