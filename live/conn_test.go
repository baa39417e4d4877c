package live_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
	"github.com/vxsnap/vxsnap/live"
)

// connect opens a connection on a new database of one table.
func connect(t *testing.T) (*sql.DB, *sql.Conn) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(t.TempDir(), "app.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(context.Background(), "CREATE TABLE t(a)"); err != nil {
		t.Fatal(err)
	}
	return db, conn
}

// newDatabase makes a database of one table that nobody has open.
func newDatabase(t *testing.T) string {
	t.Helper()
	db, conn := connect(t)
	var path string
	if err := conn.QueryRowContext(context.Background(), "SELECT file FROM pragma_database_list").Scan(&path); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	db.Close()
	return path
}

func ofDriver(t *testing.T, conn *sql.Conn) (known *live.Conn) {
	t.Helper()
	err := conn.Raw(func(driver any) (err error) {
		known, err = live.OfDriver(driver)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// One Conn for each sqlite3*, whoever asks, until the connection ends.
func TestOneConn(t *testing.T) {
	before := live.Known()
	db, conn := connect(t)
	known := ofDriver(t, conn)
	if again := ofDriver(t, conn); again != known {
		t.Error("a second question gave another Conn")
	}
	_, other := connect(t)
	if ofDriver(t, other) == known {
		t.Error("two connections have one Conn")
	}
	for range 2 { // loaded twice
		if err := conn.Raw(extension.Register); err != nil {
			t.Fatal(err)
		}
	}
	var rows int
	if err := conn.QueryRowContext(context.Background(), "SELECT count(*) FROM vx_snapshot_chunks").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if got := known.Way(); !strings.HasPrefix(got, "pin") {
		t.Errorf("SQL took a snapshot, the Conn says %q", got)
	}
	if got := live.Known() - before; got != 2 {
		t.Errorf("got %d connections, want 2", got)
	}
	conn.Close()
	db.Close()
	if got := live.Known() - before; got != 1 {
		t.Errorf("one of two is closed: got %d connections, want 1", got)
	}
}

// What Go holds, SQL streams; and nothing of the extension is needed to hold.
func TestHoldIsShared(t *testing.T) {
	_, conn := connect(t)
	known := ofDriver(t, conn)
	hold, err := known.Hold("main", live.IndexAuto)
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Release()
	if hold.Pages() != 2 || hold.PageSize() != 4096 || hold.IndexFiles() != live.IndexAuto || !strings.HasPrefix(hold.Way(), "pin") {
		t.Errorf("got %d pages of %d bytes, %q, %q", hold.Pages(), hold.PageSize(), hold.IndexFiles(), hold.Way())
	}
	if err := conn.Raw(extension.Register); err != nil {
		t.Fatal(err)
	}
	_, err = conn.ExecContext(context.Background(), "SELECT * FROM vx_snapshot_pin")
	if want := "schema 'main' is pinned on this connection already"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	hold.Release()
	hold.Release()
	again, err := known.Hold("main", live.IndexNone)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	again.Release()
}
