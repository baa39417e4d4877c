package snapshot_test

import (
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Calls in an order in which they do nothing sensible are errors, or harmless.

const closedAlready = "closed already: rows come before Close"

func TestVerifierAfterClose(t *testing.T) {
	rows := small().rows(t, smallChunk)
	for _, n := range []int{0, 1, len(rows)} { // how many rows came before
		v := snapshot.NewVerifier(vectorlite.Check, nil, nil)
		for i := range rows[:n] {
			if err := v.Add(&rows[i]); err != nil {
				t.Fatal(err)
			}
		}
		v.Close()
		if err := v.Add(&rows[1]); err == nil || err.Error() != closedAlready {
			t.Errorf("Add after %d rows and Close: got %v, want %q", n, err, closedAlready)
		}
		if got, err := v.Result(); got != "" || err == nil || err.Error() != closedAlready {
			t.Errorf("Result after %d rows and Close: got %q, %v, want %q", n, got, err, closedAlready)
		}
	}
}

func TestRestorerAfterClose(t *testing.T) {
	rows := small().rows(t, smallChunk)
	for _, n := range []int{0, 1, len(rows)} {
		parent := t.TempDir()
		r, err := snapshot.NewRestorer(filepath.Join(parent, "out"), vectorlite.Check, unmoved, snapshot.RestoreOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows[:n] {
			if err := r.Add(&rows[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if err := r.Add(&rows[1]); err == nil || err.Error() != closedAlready {
			t.Errorf("Add after %d rows and Close: got %v, want %q", n, err, closedAlready)
		}
		if _, err := r.Finish(); err == nil || err.Error() != closedAlready {
			t.Errorf("Finish after %d rows and Close: got %v, want %q", n, err, closedAlready)
		}
		if left := list(t, parent); len(left) != 0 {
			t.Errorf("left %q", left)
		}
	}
}
