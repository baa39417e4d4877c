package c_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/c"
)

// A copy of a large database can be interrupted.
func TestBackupInterrupted(t *testing.T) {
	inside(t, filepath.Join(t.TempDir(), "live.db"), func(db c.DB) {
		if err := db.Exec("CREATE TABLE t AS SELECT zeroblob(4000000) AS a"); err != nil {
			t.Fatal(err)
		}
		copied, err := c.Open(":memory:", c.OpenReadWrite|c.OpenPrivate, "")
		if err != nil {
			t.Fatal(err)
		}
		defer copied.Close()
		stop := errors.New("stop")
		if pages, err := copied.Backup(db, "main", func() error { return stop }); !errors.Is(err, stop) {
			t.Errorf("got %d pages, %v, want %v", pages, err, stop)
		}
	})
}
