package snapshot_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

func TestRestoreModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if _, err := restore(dir, snapshot.RestoreOptions{}, small().rows(t, smallChunk)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		want fs.FileMode
	}{{".", fs.ModeDir | 0o700}, {"database.db", 0o600}, {"index_0.idx", 0o600}} {
		info, err := os.Stat(filepath.Join(dir, c.name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode(); got != c.want {
			t.Errorf("mode of %s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRestoreResult(t *testing.T) {
	t.Chdir(t.TempDir())
	rows := small().rows(t, smallChunk)
	r, err := snapshot.NewRestorer("./out", vectorlite.Check, unmoved, snapshot.RestoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := range rows {
		if err := r.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
		if names := list(t, "."); len(names) > 1 || slices.Contains(names, "out") {
			t.Fatalf("after row %d: %q", i, names)
		}
	}
	got, err := r.Finish()
	if err != nil {
		t.Fatal(err)
	}
	want, err := snapshot.DecodeMetadata([]byte(rows[0].Metadata))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	cwd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Target(), filepath.Join(cwd, "out"); got != want {
		t.Errorf("Target: got %s, want %s", got, want)
	}
	const finished = "the restore is finished already"
	if _, err := r.Finish(); err == nil || err.Error() != finished {
		t.Errorf("second Finish: got %v, want %q", err, finished)
	}
	if err := r.Add(&rows[1]); err == nil || err.Error() != finished {
		t.Errorf("Add after Finish: got %v, want %q", err, finished)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	wantFiles(t, "out", small())
	if names := list(t, "."); !slices.Equal(names, []string{"out"}) {
		t.Errorf("the parent holds %q, want out alone", names)
	}
}

// A Restorer that is closed in mid-stream leaves nothing, whether the metadata
// came or not.
func TestRestoreGivenUp(t *testing.T) {
	for _, order := range orders {
		rows := small().rows(t, smallChunk)
		order.apply(rows)
		for n := range rows {
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
			for range 2 {
				if err := r.Close(); err != nil {
					t.Errorf("%s, Close after %d rows: %v", order.name, n, err)
				}
			}
			if left := list(t, parent); len(left) != 0 {
				t.Errorf("%s, closed after %d rows: left %q", order.name, n, left)
			}
		}
	}
}

// An index that the checksums vouch for must still be an index.
func TestRestoreChecksIndexes(t *testing.T) {
	parent := t.TempDir()
	rows := files{noise(1, 512), []byte("root:*:19000:0:99999:7:::\n")}.rows(t, 0)
	const want = "index_0.idx: not an hnswlib index: it has 26 bytes, its header alone has 96"
	if got := verify(t, nil, rows); got != want {
		t.Errorf("verify: got %q, want %q", got, want)
	}
	_, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{}, rows)
	if !errors.Is(err, snapshot.ErrIndexFile) || err.Error() != want {
		t.Errorf("restore: got %v, want %q", err, want)
	}
	if left := list(t, parent); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

// Interrupted ends the checks behind the last row.
func TestRestoreInterrupted(t *testing.T) {
	stop := errors.New("stop")
	for limit := range 4 {
		parent, asked := t.TempDir(), 0
		_, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{Interrupted: func() error {
			if asked++; asked > limit {
				return stop
			}
			return nil
		}}, small().rows(t, smallChunk))
		if !errors.Is(err, stop) {
			t.Errorf("after %d questions: got %v, want %v", limit, err, stop)
		}
		if left := list(t, parent); len(left) != 0 {
			t.Errorf("left %q", left)
		}
	}
}
