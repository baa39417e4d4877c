package snapshot_test

import (
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Whichever block cannot be written, restore says so at a later row or at the end,
// and leaves neither a file nor a goroutine.
func TestRestoreBlockFails(t *testing.T) {
	f := files{noise(1, 9*mib), indexImage(2, 54)}
	for _, chunkSize := range []int64{4096, 700 << 10, mib, 2 * mib} {
		rows := f.rows(t, chunkSize)
		for fail := int64(1); ; fail++ {
			mine, parent, n := goleak.IgnoreCurrent(), t.TempDir(), new(atomic.Int64)
			disk := &countingFS{FS: hastyFS{snapshot.OS}, write: func(string) error {
				if n.Add(1) == fail {
					return errDisk
				}
				return nil
			}}
			_, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{FS: disk}, rows)
			if leak := goleak.Find(mine); leak != nil {
				t.Error(leak)
			}
			if n.Load() < fail {
				if err != nil || fail < 5 {
					t.Errorf("chunks of %d: %v after %d writes", chunkSize, err, n.Load())
				}
				break
			}
			if !errors.Is(err, errDisk) || !isOneLine(err.Error()) {
				t.Errorf("chunks of %d, write %d fails: got %v", chunkSize, fail, err)
			}
			if left := list(t, parent); len(left) != 0 {
				t.Errorf("chunks of %d, write %d fails: left %q", chunkSize, fail, left)
			}
		}
	}
}

// Close waits for what the pool still writes, and then removes it. In a synctest a
// sleep lasts until every other goroutine waits for something: here until Close does.
func TestCloseWhileBlocksAreWritten(t *testing.T) { synctest.Test(t, closeWhileBlocksAreWritten) }

func closeWhileBlocksAreWritten(t *testing.T) {
	var begun, ended atomic.Int64
	disk := &countingFS{FS: snapshot.OS, write: func(string) error {
		begun.Add(1)
		time.Sleep(100 * time.Millisecond)
		ended.Add(1)
		return nil
	}}
	parent := t.TempDir()
	r, err := snapshot.NewRestorer(filepath.Join(parent, "out"), vectorlite.Check, unmoved, snapshot.RestoreOptions{FS: disk})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range (files{noise(1, 4*mib)}).rows(t, 4096)[:800] { // some blocks, the last of them not full
		if err := r.Add(&row); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if begun.Load() == 0 || ended.Load() != begun.Load() {
		t.Errorf("%d writes have begun, %d have ended", begun.Load(), ended.Load())
	}
	before := disk.writes.Load()
	if left := list(t, parent); len(left) != 0 || disk.writes.Load() != before {
		t.Errorf("left %q", left)
	}
}

// Close ends the goroutines of a Verifier, wherever it is.
func TestVerifierGoroutines(t *testing.T) {
	rows, mine := small().rows(t, smallChunk), goleak.IgnoreCurrent()
	for n := range rows {
		v := snapshot.NewVerifier(vectorlite.Check, nil, nil)
		for i := range rows[:n] {
			if err := v.Add(&rows[i]); err != nil {
				t.Fatal(err)
			}
		}
		v.Close()
		if err := goleak.Find(mine); err != nil {
			t.Fatalf("after %d rows: %v", n, err)
		}
	}
}

// A large chunk is not copied. So nobody reads it when Add has returned, also where
// that is the error of an earlier block: its memory may be gone. The chunk is written
// when Add waits for it, or has returned.
func TestLargeChunkAfterAFailure(t *testing.T) { synctest.Test(t, largeChunkAfterAFailure) }

func largeChunkAfterAFailure(t *testing.T) {
	var returned, late atomic.Bool
	begun := make(chan bool)
	disk := &countingFS{FS: snapshot.OS, write: func(name string) error {
		if name != snapshot.DatabaseName {
			select { // one worker does the one after the other
			case <-begun:
			case <-time.After(time.Second):
			}
			return errDisk
		}
		close(begun)
		time.Sleep(100 * time.Millisecond)
		late.Store(returned.Load())
		return nil
	}}
	rows := files{noise(1, 4*mib), indexImage(2, 54)}.rows(t, 2*mib)
	r, err := snapshot.NewRestorer(filepath.Join(t.TempDir(), "out"), vectorlite.Check, unmoved, snapshot.RestoreOptions{FS: disk})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows[:3] { // the metadata, the index, the large chunk
		err = r.Add(&rows[i])
	}
	returned.Store(true)
	if !errors.Is(err, errDisk) {
		t.Errorf("got %v, want that the index file could not be written", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if late.Load() {
		t.Error("the chunk was written after Add had returned")
	}
}
