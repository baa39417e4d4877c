package extension_test

import (
	"database/sql"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
)

// memory is one connection of a database in memory, with vxsnap.
func memory(t *testing.T) *sql.DB {
	t.Helper()
	if err := extension.Auto(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	return db
}
