//go:build cgo

package main

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap"
)

// With cgo this program has two SQLites, which drop each other's locks: what one of them
// may have open is not saved by its path.
func TestBeside(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE t(a)"); err != nil {
		t.Fatal(err)
	}
	_, err = vxsnap.Save(ctx, path, io.Discard, vxsnap.SaveOptions{})
	if !errors.As(err, new(*vxsnap.Misuse)) || !strings.Contains(err.Error(), "which has modernc.org/sqlite beside github.com/mattn/go-sqlite3") {
		t.Errorf("while it is open: got %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := vxsnap.Save(ctx, path, io.Discard, vxsnap.SaveOptions{}); err != nil {
		t.Errorf("when it is closed: %v", err)
	}
}
