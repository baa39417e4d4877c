package snapshot_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Whatever a umask takes away, the owner can use what was saved and restored, and nobody
// else can.
func TestUmask(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o277, 0o377, 0o777} {
		dir, rows := t.TempDir(), small().rows(t, smallChunk)
		path := filepath.Join(dir, "out.tar")
		before := syscall.Umask(mask)
		saved := small().save(t, path, nil, snapshot.Options{})
		_, err := restore(filepath.Join(dir, "out"), snapshot.RestoreOptions{}, rows)
		syscall.Umask(before)
		if err := errors.Join(saved, err); err != nil {
			t.Fatalf("umask %03o: %v", mask, err)
		}
		for name, want := range map[string]fs.FileMode{"out.tar": 0o600, "out": fs.ModeDir | 0o700, "out/database.db": 0o600} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode(); got != want {
				t.Errorf("umask %03o: mode of %s: got %v, want %v", mask, name, got, want)
			}
		}
	}
}
