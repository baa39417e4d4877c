//go:build vxsnap

package sqlite3_test

import (
	"database/sql"
	"fmt"
	"testing"

	_ "github.com/mattn/go-sqlite3" // so that its driver is there before init

	"github.com/vxsnap/vxsnap/extension"
)

// Before the first test, and so before its first connection.
func init() {
	err := extension.Auto()
	if err == nil {
		err = isLoaded()
	}
	if err != nil {
		panic(err)
	}
}

// This package's tests come after the project's own: what they did has not taken
// vxsnap out again.
func TestVxsnapIsLoaded(t *testing.T) {
	if err := isLoaded(); err != nil {
		t.Error(err)
	}
}

// isLoaded asks a connection that is opened as any other.
func isLoaded() error {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		return err
	}
	defer db.Close()
	var version string
	if err := db.QueryRow("SELECT vx_snapshot_version()").Scan(&version); err != nil {
		return fmt.Errorf("vxsnap is not loaded: %w", err)
	}
	return nil
}
