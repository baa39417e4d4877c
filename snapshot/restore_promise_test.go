package snapshot_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A file that is there already is not written to, and a link is not followed.
func TestCreateIsNew(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine")
	if err := errors.Join(os.WriteFile(mine, []byte("mine"), 0o600), os.Symlink("mine", filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mine", "link"} {
		f, err := snapshot.OS.Create(filepath.Join(dir, name))
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: got %v, want an error that it exists", name, err)
		}
		if err == nil {
			f.Close()
		}
	}
	if got, err := os.ReadFile(mine); string(got) != "mine" || err != nil {
		t.Errorf("the file that was there: got %q, %v", got, err)
	}
}

// The check of an index after the last row can take long: it can be interrupted.
func TestVerifyInterrupted(t *testing.T) {
	stop, all := errors.New("stop"), false
	rows := small().rows(t, smallChunk)
	v := snapshot.NewVerifier(vectorlite.Check, nil, func() error {
		if all {
			return stop
		}
		return nil
	})
	defer v.Close()
	for i := range rows {
		if err := v.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	all = true
	if got, err := v.Result(); got != "" || !errors.Is(err, stop) {
		t.Errorf("got %q, %v, want %v", got, err, stop)
	}
}

// A snapshot without a byte is not restored either where the host gives up.
func TestRestoreOfNothingInterrupted(t *testing.T) {
	stop := errors.New("stop")
	parent := t.TempDir()
	_, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{Interrupted: func() error { return stop }}, files{{}}.rows(t, smallChunk))
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want %v", err, stop)
	}
	if left := list(t, parent); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

// The sync of a file asks on its way whether to go on.
func TestSyncInterrupted(t *testing.T) {
	stop := errors.New("stop")
	name := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(name, []byte("large"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := snapshot.OS.SyncFile(name, func() error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want %v", err, stop)
	}
}
