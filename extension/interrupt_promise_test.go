package extension_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
	"github.com/vxsnap/vxsnap/snapshot"
)

// interrupting is a file system on which the host gives up while a file is synced.
type interrupting struct {
	snapshot.FS
	interrupt context.CancelFunc
}

func (f *interrupting) SyncFile(name string, interrupted func() error) error {
	f.interrupt()
	time.Sleep(200 * time.Millisecond) // the driver interrupts from another goroutine
	return f.FS.SyncFile(name, interrupted)
}

// An interrupt that comes while a restore syncs its files is the last thing that
// happens: the target does not appear.
func TestInterruptedBeforeTheRename(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	extension.SetFS(&interrupting{snapshot.OS, cancel})
	defer extension.SetFS(snapshot.OS)
	db := memory(t)
	if _, err := db.Exec("CREATE TABLE t AS SELECT randomblob(30000) AS a"); err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	target := filepath.Join(parent, "out")
	var got sql.NullString
	err := db.QueryRowContext(ctx, "SELECT vx_snapshot_restore(?, "+columns+") FROM vx_snapshot_chunks", target).Scan(&got)
	if err == nil {
		t.Errorf("got %s, want an error", got.String)
	}
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the target appeared: %v", err)
	} else if names, err := os.ReadDir(parent); err != nil || len(names) > 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}
