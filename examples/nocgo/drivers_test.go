//go:build !cgo

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/ncruces/go-sqlite3/driver" // registers the driver "sqlite3"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/vxsnap/vxsnap"
)

// What each driver without cgo makes of a snapshot with a vectorlite table: the restored
// schema names the restored index file. SNAPSHOT is a saved file; the tests of package
// vxsnap run this one with it.
func TestDrivers(t *testing.T) {
	saved := os.Getenv("SNAPSHOT")
	if saved == "" {
		t.Fatal("SNAPSHOT is not set; run go test -run TestWithoutCgo at the module's root")
	}
	for _, driver := range []string{"sqlite", "sqlite3"} {
		directory := filepath.Join(t.TempDir(), "out")
		if err := restore(context.Background(), saved, directory, driver); err != nil {
			t.Fatalf("%s: %v", driver, err)
		}
		if err := look(filepath.Join(directory, "database.db"), driver); err != nil {
			t.Errorf("%s: %v", driver, err)
		}
		// zombiezen.com/go/sqlite is modernc.org/sqlite without database/sql.
		conn, err := sqlite.OpenConn(filepath.Join(directory, "database.db"), sqlite.OpenReadOnly)
		if err != nil {
			t.Fatal(err)
		}
		err = sqlitex.ExecuteTransient(conn, "SELECT sql FROM sqlite_schema WHERE name = 'v'", &sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) error {
			if got := row.ColumnText(0); !strings.Contains(got, "'"+filepath.Join(directory, "index_0.idx")+"'") {
				return errors.New("the schema says " + got)
			}
			return nil
		}})
		if err = errors.Join(err, conn.Close()); err != nil {
			t.Errorf("%s: %v", driver, err)
		}
		entries, err := os.ReadDir(directory)
		if err != nil || len(entries) != 2 {
			t.Errorf("%s: %v, %v", driver, entries, err)
		}
	}
}

// Without cgo no SQLite is linked in, and none is guessed.
func TestDriverIsRequired(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "out")
	for driver, want := range map[string]string{"": "no Driver in RestoreOptions", "mysql": `unknown driver "mysql"`} {
		file, err := os.Open(os.Getenv("SNAPSHOT"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = vxsnap.Restore(context.Background(), file, directory, vxsnap.RestoreOptions{Driver: driver})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", driver, err)
		}
		if _, err := os.Lstat(directory); err == nil {
			t.Errorf("%q: something was restored", driver)
		}
		file.Close()
	}
}
