package extension_test

import (
	"context"
	"database/sql"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
)

// A connection that allows few columns is told so, and in no words of a library.
func TestDeclareFails(t *testing.T) {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(driver any) error {
		driver.(*sqlite3.SQLiteConn).SetLimit(sqlite3.SQLITE_LIMIT_COLUMN, 3)
		return extension.Register(driver)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.ExecContext(context.Background(), "SELECT * FROM vx_snapshot_chunks")
	const want = "vx_snapshot_chunks: its 13 columns cannot be declared: SQL logic error; raise SQLITE_LIMIT_COLUMN and SQLITE_LIMIT_SQL_LENGTH of this connection"
	if err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}
