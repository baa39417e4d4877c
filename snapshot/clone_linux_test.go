package snapshot_test

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/snapshot"
)

// What a base has is copied by the system, which shares it where the file system can; where
// it does not, or only some of it, or is interrupted, the rest is copied by hand.
func TestCloneBySystem(t *testing.T) {
	rows := tonight().increment(t, small(), 512)
	all := int64(len(small()[0]) + len(small()[1]))
	for name, c := range map[string]struct {
		call func(n int) (most int, err error)
		want int64 // bytes that the system copied
	}{
		"as it likes":       {func(n int) (int, error) { return n, nil }, all},
		"little by little":  {func(n int) (int, error) { return min(n, 700), nil }, all},
		"not at all":        {func(int) (int, error) { return 0, unix.EXDEV }, 0},
		"with a full disk":  {func(int) (int, error) { return 0, unix.ENOSPC }, 0},
		"and then no more":  {func(n int) (int, error) { return min(n, 700), unix.EOPNOTSUPP }, 0},
		"nothing, no error": {func(int) (int, error) { return 0, nil }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var copied int64
			interrupted := false
			defer snapshot.SetCopyFileRange(func(from int, in *int64, to int, out *int64, n, flags int) (int, error) {
				if interrupted = !interrupted; interrupted {
					return 0, unix.EINTR
				}
				n, err := c.call(n)
				if err != nil || n == 0 {
					return 0, err
				}
				n, err = unix.CopyFileRange(from, in, to, out, n, flags)
				copied += int64(n)
				return n, err
			})()
			dir := filepath.Join(t.TempDir(), "out")
			if _, err := restore(dir, snapshot.RestoreOptions{Base: fileBase(small().directory(t))}, rows); err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir, tonight())
			if copied != c.want {
				t.Errorf("the system copied %d bytes, want %d", copied, c.want)
			}
		})
	}
}
