package snapshot_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// What is given up leaves nothing, at whichever moment; what is there stays.
func TestNewFileGivenUp(t *testing.T) {
	parent := t.TempDir()
	path := filepath.Join(parent, "out.tar")
	file, err := snapshot.Create(path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	if left := list(t, parent); len(left) != 1 || left[0][0] != '.' {
		t.Errorf("before the end there are %q, want a hidden name", left)
	}
	for range 2 {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
	if left := list(t, parent); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

// After the end nothing is written, and what is there stays.
func TestNewFileEnds(t *testing.T) {
	for name, end := range map[string]func(*snapshot.NewFile) error{"Commit": (*snapshot.NewFile).Commit, "Close": (*snapshot.NewFile).Close} {
		parent := t.TempDir()
		file, err := snapshot.Create(filepath.Join(parent, "out.tar"), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := end(file); err != nil {
			t.Fatal(err)
		}
		before := list(t, parent)
		const want = "the file is committed or closed already; create another one"
		if n, err := file.Write([]byte("late")); n != 0 || err == nil || err.Error() != want {
			t.Errorf("after %s, Write: %d, %v", name, n, err)
		}
		if err := file.Commit(); err == nil || err.Error() != want {
			t.Errorf("after %s, Commit: %v", name, err)
		}
		if err := file.Close(); err != nil || !slices.Equal(list(t, parent), before) {
			t.Errorf("after %s, Close: %v; there are %q, were %q", name, err, list(t, parent), before)
		}
	}
}
