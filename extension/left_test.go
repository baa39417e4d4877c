package extension_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vxsnap/vxsnap/extension"
	"github.com/vxsnap/vxsnap/snapshot"
)

// stuck is a file system that is full and removes nothing.
type stuck struct{ failing }

func (*stuck) Remove(name string) error {
	return &os.PathError{Op: "remove", Path: name, Err: syscall.EROFS}
}

// Whoever has to remove what a save left is told its name.
func TestWhatASaveLeavesIsNamed(t *testing.T) {
	extension.SetFS(&stuck{failing{FS: snapshot.OS, fail: 2}})
	defer extension.SetFS(snapshot.OS)
	db := memory(t)
	folder := t.TempDir()
	var got any
	err := db.QueryRow("SELECT vx_snapshot_save(?)", filepath.Join(folder, "out.tar")).Scan(&got)
	left, _ := filepath.Glob(filepath.Join(folder, ".out.tar.vxsnap-*"))
	if len(left) != 1 || err == nil || !strings.Contains(err.Error(), "and what was written could not be removed: remove "+left[0]+": ") {
		t.Errorf("got %v, %v; left %q", got, err, left)
	}
}
