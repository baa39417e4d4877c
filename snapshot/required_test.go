package snapshot_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Without a Checker or a Relocator nothing is read, and nothing written.
func TestNilIsRefused(t *testing.T) {
	const (
		noChecker   = "no Checker for the index files: it is nil; pass one, such as vectorlite.Check"
		noRelocator = "no Relocator for the restored schema: it is nil; pass one, such as live.Relocate or vectorlite.RelocateSQL"
	)
	for _, c := range []struct {
		name     string
		check    snapshot.Checker
		relocate snapshot.Relocator
		want     string
	}{
		{"no Checker", nil, unmoved, noChecker},
		{"no Relocator", vectorlite.Check, nil, noRelocator},
		{"neither", nil, nil, noChecker},
	} {
		parent := t.TempDir()
		disk := &tracingFS{FS: snapshot.OS}
		r, err := snapshot.NewRestorer(filepath.Join(parent, "out"), c.check, c.relocate, snapshot.RestoreOptions{FS: disk})
		if r != nil || err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
		if len(disk.trace) != 0 {
			t.Errorf("%s: did %q", c.name, disk.trace)
		}
	}

	disk := &tracingFS{FS: snapshot.OS}
	v := snapshot.NewVerifier(nil, disk, nil)
	defer v.Close()
	rows := small().rows(t, smallChunk)
	for i := range rows {
		if err := v.Add(&rows[i]); err == nil || err.Error() != noChecker {
			t.Errorf("Verifier, row %d: got %v, want %q", i, err, noChecker)
		}
	}
	if got, err := v.Result(); got != "" || err == nil || err.Error() != noChecker {
		t.Errorf("Verifier: got %q, %v, want %q", got, err, noChecker)
	}
	if len(disk.trace) != 0 {
		t.Errorf("Verifier: did %q", disk.trace)
	}
}

// A particular is a Relocator that can write into no directory.
type particular struct{ relocator }

func (particular) CheckDirectory(directory string) error {
	return fault.New(fault.ErrTarget, "no schema can name %s", directory)
}

// The Relocator is asked about the directory before the first row comes.
func TestDirectoryThatCannotBeNamed(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	r, err := snapshot.NewRestorer(dir, vectorlite.Check, particular{unmoved}, snapshot.RestoreOptions{})
	if r != nil || err == nil || err.Error() != "no schema can name "+dir || !errors.Is(err, snapshot.ErrTarget) {
		t.Errorf("got %v, want what the Relocator says", err)
	}
	if left := list(t, parent); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}
