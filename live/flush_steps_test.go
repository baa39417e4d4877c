package live_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
)

// register makes the driver whose connections have the real vectorlite.
var register = sync.OnceFunc(func() {
	sql.Register("sqlite3_vectorlite", &sqlite3.SQLiteDriver{Extensions: []string{os.Getenv("VECTORLITE")}})
})

// vectors opens a connection that has five vectors in memory and two in its file.
func vectors(t *testing.T, path string) *sql.Conn {
	t.Helper()
	register()
	ctx := context.Background()
	var conn *sql.Conn
	for _, statements := range [][]string{
		{
			"CREATE VIRTUAL TABLE v USING vectorlite(e float32[1], hnsw(max_elements=13), '" + path + "')",
			"INSERT INTO v(rowid, e) VALUES (1, vector_from_json('[1]')), (2, vector_from_json('[2]'))",
		},
		{"INSERT INTO v(rowid, e) VALUES (3, vector_from_json('[3]')), (4, vector_from_json('[4]')), (5, vector_from_json('[5]'))"},
	} {
		db, err := sql.Open("sqlite3_vectorlite", filepath.Join(filepath.Dir(path), "app.db"))
		if err != nil {
			t.Fatal(err)
		}
		if conn != nil {
			conn.Close() // which lets vectorlite write the file
		}
		t.Cleanup(func() { db.Close() })
		db.SetMaxIdleConns(0)
		if conn, err = db.Conn(ctx); err != nil {
			t.Fatal(err)
		}
		for _, s := range statements {
			if _, err := conn.ExecContext(ctx, s); err != nil {
				t.Fatalf("%s: %v (run make unit, which fetches vectorlite)", s, err)
			}
		}
	}
	return conn
}

// elements is how many vectors a file has, -1 where it is no index.
func elements(t *testing.T, path string) int64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		return -1
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	index, err := hnsw.Check(f, info.Size())
	if err != nil {
		return -1
	}
	return index.Elements
}

// Each event at each operation of a flush on the index file: where the flush
// says that it wrote, the file has this connection's vectors, unless somebody
// else changed it afterwards; and where it is an error before anything was lost,
// the connection still has them.
func TestEventAtEveryStepOfFlush(t *testing.T) {
	ctx := context.Background()
	for _, event := range events {
		for step, fired := 1, true; fired; step++ {
			path := filepath.Join(t.TempDir(), "v.idx")
			conn := vectors(t, path)
			known := ofDriver(t, conn)
			n, wrote := 0, false
			fired = false
			stop := live.AtStep(func(string) {
				if n++; n == step {
					fired, wrote = true, elements(t, path) == 5
					if err := event.do(path, testkit.IndexImage(2, 7)); err != nil {
						t.Error(err)
					}
				}
			})
			_, err := known.Flush()
			stop()
			file := elements(t, path)
			switch {
			case errors.Is(err, live.ErrVectorsLost):
				if !wrote {
					t.Errorf("%s at step %d: vectors were lost before the file was written: %v", event.name, step, err)
				}
			case err != nil:
				var memory int
				if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM v WHERE rowid IN (1, 2, 3, 4, 5)").Scan(&memory); err != nil || memory != 5 {
					t.Errorf("%s at step %d: the flush refused, and the connection has %d vectors of 5 (%v)", event.name, step, memory, err)
				}
			case !wrote && file != 5:
				t.Errorf("%s at step %d: the flush succeeded, and the file has %d vectors, want 5", event.name, step, file)
			}
			if !fired && (err != nil || file != 5 || step < 6) {
				t.Errorf("%s: %d steps, %v, %d vectors in the file", event.name, step-1, err, file)
			}
			conn.Close()
		}
	}
}
