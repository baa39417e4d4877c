package c_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"os/exec"
	"testing"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
)

// An SQLite that has no sqlite3_is_interrupted is not asked for it.
func TestIsInterruptedByVersion(t *testing.T) {
	out, err := exec.Command(compiled(t, "testdata/interrupted.c", "interrupted.c")).CombinedOutput()
	if got, want := string(out), "-1 1 "; got != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

// An interrupt is of the statement that runs: one that comes while none does, or
// outlives its own, is none. Where there is none the host's authorizer is not asked.
func TestInterrupted(t *testing.T) {
	var db c.DB
	sqlite.Register(func(api *sqlite.ExtensionApi) (sqlite.ErrorCode, error) {
		db = c.Caller(api)
		return sqlite.SQLITE_OK, db.Register(func() error { return nil })
	})
	if err := c.AutoExtension(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	seen, asked := false, 0
	pool := sql.OpenDB(inMemory{&sqlite3.SQLiteDriver{ConnectHook: func(conn *sqlite3.SQLiteConn) error {
		conn.RegisterAuthorizer(func(int, string, string, string) int {
			asked++
			return sqlite3.SQLITE_OK
		})
		return conn.RegisterFunc("give_up", func() int64 {
			before := asked
			if err := db.Interrupted(); err != nil || asked > before {
				t.Errorf("before the interrupt: got %v, and %d questions of the authorizer", err, asked-before)
			}
			cancel()
			for end := time.Now().Add(10 * time.Second); !seen && time.Now().Before(end); {
				seen = errors.Is(db.Interrupted(), c.Interrupt)
			}
			return 1
		}, false)
	}}})
	defer pool.Close()
	conn, err := pool.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100 AND give_up()) SELECT count(*) FROM n"); err == nil || !seen {
		t.Errorf("the statement ended with %v, the interrupt was seen: %t", err, seen)
	}
	if err := db.Interrupted(); err != nil {
		t.Errorf("when nothing runs: got %v", err)
	}
}

// inMemory opens databases in memory.
type inMemory struct{ driver *sqlite3.SQLiteDriver }

func (m inMemory) Connect(context.Context) (driver.Conn, error) { return m.driver.Open(":memory:") }
func (m inMemory) Driver() driver.Driver                        { return m.driver }
