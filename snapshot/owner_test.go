package snapshot_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// An empty directory keeps its mode and its owner; the files are their
// maker's alone.
func TestTargetKeepsModeAndOwner(t *testing.T) {
	const uid, gid = 12, 34
	for _, mode := range []fs.FileMode{0o700, 0o755, 0o751 | fs.ModeSetgid, 0o777 | fs.ModeSticky, 0o500} {
		dir := filepath.Join(t.TempDir(), "out")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(dir, 0o700) }) // so that it can be removed
		root := os.Geteuid() == 0
		if root {
			if err := os.Chown(dir, uid, gid); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := restore(dir, snapshot.RestoreOptions{}, small().rows(t, smallChunk)); err != nil {
			t.Errorf("%v: %v", mode, err)
			continue
		}
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != mode|fs.ModeDir {
			t.Errorf("mode: got %v, want %v", info.Mode(), mode|fs.ModeDir)
		}
		if stat := info.Sys().(*syscall.Stat_t); root && (stat.Uid != uid || stat.Gid != gid) {
			t.Errorf("owner: got %d:%d, want %d:%d", stat.Uid, stat.Gid, uid, gid)
		}
		if info, err = os.Stat(filepath.Join(dir, "database.db")); err != nil || info.Mode() != 0o600 {
			t.Errorf("the database: got %v, %v, want mode 0600", info.Mode(), err)
		}
		wantFiles(t, dir, small())
	}
}

// A foreigner is a file system on which every new directory has another owner
// than those that are there, and nobody may change that.
type foreigner struct{ snapshot.FS }

type otherOwner struct{ fs.FileInfo }

func (i otherOwner) Sys() any {
	stat := *i.FileInfo.Sys().(*syscall.Stat_t)
	stat.Uid, stat.Gid = 12, 34
	return &stat
}

func (f foreigner) Lstat(name string) (fs.FileInfo, error) {
	info, err := f.FS.Lstat(name)
	if err == nil && filepath.Base(name) == "out" {
		return otherOwner{info}, nil
	}
	return info, err
}

func (foreigner) Chown(name string, uid, gid int) error {
	return &fs.PathError{Op: fmt.Sprint("chown to ", uid, " ", gid), Path: name, Err: syscall.EPERM}
}

func TestTargetWhoseOwnerCannotBeKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	refused(t, foreigner{snapshot.OS}, dir, "directory "+fault.Quote(dir)+
		" belongs to user 12 and group 34, which this process cannot give to the directory that replaces it: operation not permitted; name a directory that does not exist yet")
}
