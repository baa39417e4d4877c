package live_test

import (
	"database/sql"
	"database/sql/driver"
	"os"
	"runtime"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// opened is a connection of the driver, without database/sql, in WAL mode.
func opened(t *testing.T) (driver.Conn, *live.Conn, string) {
	t.Helper()
	path := newDatabase(t)
	conn, err := new(sqlite3.SQLiteDriver).Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"PRAGMA journal_mode = WAL", "INSERT INTO t VALUES (1)"} {
		if _, err := conn.(*sqlite3.SQLiteConn).Exec(s, nil); err != nil {
			t.Fatal(err)
		}
	}
	known, err := live.OfDriver(conn)
	if err != nil {
		t.Fatal(err)
	}
	return conn, known, path
}

// says checks what every method of a Conn says after the end.
func says(t *testing.T, known *live.Conn, want string) {
	t.Helper()
	_, err := known.Export("main", live.ExportOptions{})
	refused(t, "Export", err, want)
	_, err = known.Hold("main", "")
	refused(t, "Hold", err, want)
	_, err = known.Files("main")
	refused(t, "Files", err, want)
	_, err = known.Flush()
	refused(t, "Flush", err, want)
}

// A Conn that is kept for longer than its connection does nothing, also where
// another connection has the same address.
func TestConnEnds(t *testing.T) {
	for range 20 {
		conn, known, _ := opened(t)
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		other, _, _ := opened(t) // often at the same address
		defer other.Close()
		says(t, known, "the connection is closed; open another one")
		refused(t, "Interrupted", known.Interrupted(), "the connection is closed")
		if known.HasSchema("main") {
			t.Error("a closed connection has a schema")
		}
		if got := known.Way(); got != "" {
			t.Errorf("Way: got %q", got)
		}
	}
}

// SQLite keeps a connection that is closed before its statements.
func TestConnIsClosing(t *testing.T) {
	conn, known, _ := opened(t)
	if _, err := conn.Prepare("SELECT 1"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	says(t, known, "the connection is closed, and statements of it are still alive")
}

// What was not released is let go with the connection, so that the WAL can be
// truncated.
func TestEndReleases(t *testing.T) {
	before := live.Held()
	conn, known, path := opened(t)
	hold, err := known.Hold("main", "")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if got := live.Held() - before; got != 0 {
		t.Errorf("%d moments are held after the end", got)
	}
	truncates(t, path, true)
	if hold.Pages() != 2 || hold.PageSize() != 4096 || hold.IndexFiles() != live.IndexAuto || !strings.HasPrefix(hold.Way(), "pin") {
		t.Errorf("got %d pages of %d bytes, %q, %q", hold.Pages(), hold.PageSize(), hold.IndexFiles(), hold.Way())
	}
	hold.Release()
	if got := live.Held() - before; got != 0 {
		t.Errorf("%d moments are held after the release", got)
	}
}

// The moment that an Export uses lasts until that is closed, whoever releases what.
func TestEndLeavesExports(t *testing.T) {
	before := live.Held()
	conn, known, path := opened(t)
	hold, err := known.Hold("main", "")
	if err != nil {
		t.Fatal(err)
	}
	e, err := known.Export("main", live.ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	hold.Release()
	if got := live.Held() - before; got != 1 {
		t.Errorf("%d moments are held while an Export uses one", got)
	}
	truncates(t, path, false)
	refused(t, "Each", e.Each(func(*snapshot.Row) error { return nil }), "the connection is closed")
	e.Close()
	e.Close()
	if got := e.IndexFiles(); got != live.IndexAuto {
		t.Errorf("IndexFiles: got %q", got)
	}
	if err := e.Each(func(*snapshot.Row) error { return nil }); err == nil {
		t.Error("an Export gives rows after its end")
	}
	truncates(t, path, true)
	if got := live.Held() - before; got != 0 {
		t.Errorf("%d moments are held after the end", got)
	}
}

// truncates checks whether a WAL can be truncated, by a writer of another connection.
func truncates(t *testing.T, path string, want bool) {
	t.Helper()
	db, err := sql.Open("sqlite3", path+"?_busy_timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("INSERT INTO t VALUES (2)"); err != nil {
		t.Fatal(err)
	}
	var busy, log, done int
	if err := db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path + "-wal")
	if got := err == nil && info.Size() == 0; got != want {
		t.Errorf("the WAL was truncated: %t (busy %d, %v), want %t", got, busy, err, want)
	}
}

// A finalizer may end a connection, beside a Release of what it holds.
func TestEndBesideRelease(t *testing.T) {
	before := live.Held()
	for range 50 {
		conn, known, _ := opened(t)
		hold, err := known.Hold("main", "")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			conn.Close()
			close(done)
		}()
		runtime.Gosched()
		hold.Release()
		<-done
	}
	if got := live.Held() - before; got != 0 {
		t.Errorf("%d moments are held", got)
	}
}
