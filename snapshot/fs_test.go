package snapshot_test

import (
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Every byte and every name is durable before the next step rests on it.
func TestRestoreSteps(t *testing.T) {
	parent := t.TempDir()
	disk := &tracingFS{FS: snapshot.OS}
	if _, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{FS: disk}, small().rows(t, 1024)); err != nil {
		t.Fatal(err)
	}
	want := strings.Split(`resolve P
lstat P/out
mkdir P/S
create P/S/index_0.idx
create P/S/database.db
write P/S/index_0.idx
write P/S/database.db
read P/S/index_0.idx
read P/S/index_0.idx
read P/S/index_0.idx
read P/S/index_0.idx
lstat P/S/database.db-wal
close P/S/index_0.idx
close P/S/database.db
sync P/S/index_0.idx
sync P/S/database.db
syncdir P/S
rename P/S to P/out
syncdir P`, "\n")
	// How often the check of an index reads is its own affair.
	got := slices.Compact(strings.Split(disk.steps(parent), "\n"))
	if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// Whichever operation fails, and however, half of it done, restore says so and
// leaves nothing behind, and the next attempt succeeds.
func TestRestoreEveryOperationFails(t *testing.T) {
	for _, order := range orders[:3] {
		for _, cause := range []error{errDisk, syscall.ENOSPC, syscall.EIO, io.ErrShortWrite} {
			t.Run(order.name+", "+cause.Error(), func(t *testing.T) { restoreFails(t, order, cause) })
		}
	}
}

func restoreFails(t *testing.T, order rowOrder, cause error) {
	rows := small().rows(t, smallChunk)
	order.apply(rows)
	for fail := 1; ; fail++ {
		parent := t.TempDir()
		dir := filepath.Join(parent, "out")
		disk := &tracingFS{FS: snapshot.OS, fail: fail, cause: cause}
		_, err := restore(dir, snapshot.RestoreOptions{FS: disk}, rows)
		if len(disk.trace) < fail {
			if err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir, small())
			return
		}
		step := disk.trace[fail-1]
		// The temporary file of early rows is read before it is closed.
		if strings.HasPrefix(step, "close "+parent) && strings.Contains(step, "/.vxsnap-") && err == nil {
			continue
		}
		if !errors.Is(err, cause) || errors.Is(err, snapshot.ErrDamaged) || !isOneLine(err.Error()) {
			t.Errorf("%s fails: got %v, want the cause", step, err)
		}
		if left := list(t, parent); len(left) != 0 {
			t.Errorf("%s fails: left %q", step, left)
		}
		if _, err := restore(dir, snapshot.RestoreOptions{}, rows); err != nil {
			t.Errorf("%s failed: the next attempt: %v", step, err)
		}
	}
}

// A disk that fails is not damage: verify says so with an error.
func TestVerifyEveryOperationFails(t *testing.T) {
	rows := small().rows(t, smallChunk)
	slices.Reverse(rows)
	for fail := 1; ; fail++ {
		disk := &tracingFS{FS: snapshot.OS, fail: fail}
		v := snapshot.NewVerifier(vectorlite.Check, disk, nil)
		var err error
		for i := 0; i < len(rows) && err == nil; i++ {
			err = v.Add(&rows[i])
		}
		got, late := v.Result()
		v.Close()
		v.Close()
		if len(disk.trace) < fail || strings.HasPrefix(disk.trace[fail-1], "close") {
			if got != "ok" || err != nil || late != nil {
				t.Fatalf("got %q, %v, %v, want ok", got, err, late)
			}
			if len(disk.trace) < fail {
				return
			}
			continue
		}
		if got != "" || !errors.Is(late, errDisk) {
			t.Errorf("%s fails: got %q, %v, want the cause", disk.trace[fail-1], got, late)
		}
	}
}
