package vxsnap_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// An index file that changes while it is saved is an error that says what to do, and leaves
// nothing.
func TestIndexChangesWhileItIsSaved(t *testing.T) {
	_, file, index := wideTable(t, "DELETE", 12000) // much more than is read ahead
	conn := open(t, file)
	for range 50 {
		folder, stop, stopped := t.TempDir(), make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for !begun(folder) {
				select {
				case <-stop:
					return
				default:
				}
			}
			_ = os.Chtimes(index, time.Time{}, time.Now())
		}()
		var got sql.NullString
		err := conn.QueryRowContext(t.Context(), "SELECT vx_snapshot_save(?, 'main', 'disk')", filepath.Join(folder, "out.tar")).Scan(&got)
		close(stop)
		<-stopped
		if err == nil || strings.HasSuffix(err.Error(), "times; run the query again when nobody writes it") {
			continue // it changed too late, or too soon
		}
		var e sqlite3.Error
		const want = "changed while it was read; nothing was saved, run the query again"
		if !errors.As(err, &e) || e.Code != sqlite3.ErrBusy || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want SQLITE_BUSY, %s", err, want)
		}
		if left := names(folder); len(left) > 0 {
			t.Errorf("left %q", left)
		}
		return
	}
	t.Error("the file never changed while it was saved")
}

// begun reports whether a file in a folder has bytes: then the rows go out.
func begun(folder string) bool {
	for _, name := range names(folder) {
		if info, err := os.Stat(filepath.Join(folder, name)); err == nil && info.Size() > 0 {
			return true
		}
	}
	return false
}

// names are those of the files in a folder.
func names(folder string) (all []string) {
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
