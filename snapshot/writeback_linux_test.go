package snapshot_test

import (
	"errors"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/snapshot"
)

// An error of the device is said once: whoever is told before the fsync has to hand it
// on. What a file system does not know at all, the fsync does.
func TestWriteBackFails(t *testing.T) {
	for cause, fails := range map[error]bool{
		unix.EIO: true, unix.ENOSPC: true, unix.EDQUOT: true,
		unix.ENOSYS: false, unix.EINVAL: false, unix.ESPIPE: false, unix.EOPNOTSUPP: false,
	} {
		t.Run(cause.Error(), func(t *testing.T) {
			defer snapshot.SetSyncFileRange(func(int, int64, int64, int) error { return cause })()
			parent := t.TempDir()
			dir := filepath.Join(parent, "out")
			_, err := restore(dir, snapshot.RestoreOptions{}, small().rows(t, smallChunk))
			if !fails {
				if err != nil {
					t.Fatal(err)
				}
				wantFiles(t, dir, small())
				return
			}
			if want := "sync index_0.idx: " + cause.Error(); !errors.Is(err, cause) || err.Error() != want {
				t.Errorf("got %v, want %q", err, want)
			}
			if left := list(t, parent); len(left) != 0 {
				t.Errorf("left %q", left)
			}
		})
	}
}
