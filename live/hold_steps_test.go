package live_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A file that is replaced at an operation of Hold: the moment that is held has
// the new file, or Hold is an error.
func TestReplacementAtEveryStepOfHold(t *testing.T) {
	before, after := testkit.IndexImage(1, 30), testkit.IndexImage(2, 40)
	refused := 0
	for step, fired := 1, true; fired; step++ {
		conn, _, path := indexed(t)
		if err := os.WriteFile(path, before, 0o600); err != nil {
			t.Fatal(err)
		}
		age(t, path)
		known, n := ofDriver(t, conn), 0
		fired = false
		stop := live.AtStep(func(string) {
			if n++; n == step {
				fired = true
				if err := errors.Join(os.WriteFile(path+".new", after, 0o600), os.Rename(path+".new", path)); err != nil {
					t.Error(err)
				}
			}
		})
		hold, err := known.Hold("main", live.IndexAuto)
		stop()
		if err != nil {
			refused++
			if !errors.Is(err, snapshot.ErrChanged) {
				t.Errorf("step %d: got %v, want %v", step, err, snapshot.ErrChanged)
			}
			continue
		}
		want := before
		if fired {
			want = after
		}
		rows, _, err := export(known, func() bool { return fired })
		if got := bytesOf(rows, "index_0.idx"); err != nil || !bytes.Equal(got, want) {
			t.Errorf("step %d: the moment has an index of %d bytes, want %d (%v)", step, len(got), len(want), err)
		}
		hold.Release()
		conn.Close()
	}
	if refused == 0 {
		t.Error("no step refused, this tested nothing")
	}
}
