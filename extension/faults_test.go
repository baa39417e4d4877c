package extension_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
	"github.com/vxsnap/vxsnap/snapshot"
)

// failing is a file system whose N-th operation fails: a create, a read or a
// write, on whatever goroutine.
type failing struct {
	snapshot.FS
	done atomic.Int64
	fail int64
}

func (f *failing) step() error {
	if f.done.Add(1) == f.fail {
		return syscall.ENOSPC
	}
	return nil
}

func (f *failing) Create(name string) (snapshot.FSFile, error) {
	if err := f.step(); err != nil {
		return nil, err
	}
	file, err := f.FS.Create(name)
	return failingFile{file, f}, err
}

type failingFile struct {
	snapshot.FSFile
	fs *failing
}

func (f failingFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fs.step(); err != nil {
		n, _ := f.FSFile.ReadAt(p[:len(p)/2], off)
		return n, err
	}
	return f.FSFile.ReadAt(p, off)
}

func (f failingFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.fs.step(); err != nil {
		n, _ := f.FSFile.WriteAt(p[:len(p)/2], off)
		return n, err
	}
	return f.FSFile.WriteAt(p, off)
}

// Whichever file operation of a spool, a verify or a restore fails, the query
// fails with SQLITE_FULL, and nothing is left; the next query succeeds.
func TestEveryOperationFails(t *testing.T) {
	disk := &failing{FS: snapshot.OS}
	extension.SetFS(disk)
	defer extension.SetFS(snapshot.OS)
	db := memory(t)
	if _, err := db.Exec("CREATE TABLE t AS SELECT randomblob(30000) AS a"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Setenv("SQLITE_TMPDIR", dir)
	const columns = "seq, file_name, offset, data, is_last, metadata_json"
	for _, query := range []string{
		"SELECT sum(length(data)) FROM vx_snapshot_chunks(5000)",
		"SELECT vx_snapshot_verify(" + columns + ") FROM (SELECT * FROM vx_snapshot_chunks(5000) ORDER BY -seq)",
		"SELECT vx_snapshot_restore('" + filepath.Join(dir, "out") + "', " + columns + ") FROM vx_snapshot_chunks(5000)",
	} {
		for fail := int64(1); ; fail++ {
			disk.done.Store(0)
			disk.fail = fail
			var got any
			err := db.QueryRow(query).Scan(&got)
			if disk.done.Load() < fail {
				if err != nil {
					t.Errorf("%s: nothing failed: %v", query, err)
				}
				break
			}
			var e sqlite3.Error
			if !errors.As(err, &e) || e.Code != sqlite3.ErrFull || !strings.Contains(err.Error(), "no space left on device") {
				t.Errorf("%s: operation %d fails: got %v", query, fail, err)
			}
			if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
				t.Errorf("%s: operation %d fails: left behind %v %v", query, fail, names, err)
			}
		}
		_ = os.RemoveAll(filepath.Join(dir, "out"))
	}
}
