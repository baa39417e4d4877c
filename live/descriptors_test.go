package live_test

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// connection opens a file as a database, without vxsnap.
func connection(t *testing.T, driver, file string, statements ...string) *sql.Conn {
	t.Helper()
	if driver == "sqlite3_vectorlite" {
		register()
	}
	db, err := sql.Open(driver, file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxIdleConns(0) // so that Close closes the connection
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	execute(t, conn, statements...)
	return conn
}

// bothWays runs a test with descriptor tables of threads, and as on a system that has none.
func bothWays(t *testing.T, test func(t *testing.T)) {
	t.Run("apart", test)
	t.Run("alone", func(t *testing.T) {
		defer live.WithoutTables()()
		test(t)
	})
}

// locked checks that another process cannot write to a database.
func locked(t *testing.T, what, file string) {
	t.Helper()
	out, err := exec.Command("sqlite3", file, "CREATE TABLE other(a)").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "locked") {
		t.Errorf("%s: another process wrote through the lock: %s%v", what, out, err)
	}
}

// An index file that SQLite opens as a database while it is read: its locks stay
// when vxsnap has done with it.
func TestLocksOfALaterDatabase(t *testing.T) { bothWays(t, locksOfALaterDatabase) }

func locksOfALaterDatabase(t *testing.T) {
	for _, when := range []string{"reopen", "close"} {
		path := writeIndex(t, nil) // which is a database too
		stop := live.AtStep(func(operation string) {
			if operation == when {
				connection(t, "sqlite3", path, "BEGIN IMMEDIATE")
			}
		})
		i, err := live.OpenIndexFile(vectorlite.Table{Name: "docs_vec", Path: path})
		if err != nil {
			t.Fatal(err)
		}
		i.Close()
		stop()
		locked(t, "at "+when, path)
		i = nil
		for range 3 {
			runtime.GC()
			time.Sleep(10 * time.Millisecond)
		}
		locked(t, "at "+when+", after a garbage collection", path)
	}
}

// The number of a descriptor that was closed is SQLite's when it gets it.
func TestNumberOfAClosedDescriptor(t *testing.T) { bothWays(t, numberOfAClosedDescriptor) }

func numberOfAClosedDescriptor(t *testing.T) {
	database := newDatabase(t)
	for spare := range 4 {
		i, err := live.OpenIndexFile(vectorlite.Table{Name: "docs_vec", Path: writeIndex(t, testkit.IndexImage(1, 3))})
		if err != nil {
			t.Fatal(err)
		}
		i.Close()
		var taken []*os.File
		for range spare {
			f, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			taken = append(taken, f)
		}
		conn := connection(t, "sqlite3", database, "SELECT * FROM t")
		i, err = live.OpenIndexFile(vectorlite.Table{Name: "docs_vec", Path: database})
		if err == nil {
			i.Close()
		}
		refused(t, "a database", err, "which is open in this process already")
		conn.Close()
		for _, f := range taken {
			f.Close()
		}
	}
}

// Several may read an index file at once, and none of them leaves it open.
func TestIndexFileTwice(t *testing.T) { bothWays(t, indexFileTwice) }

func indexFileTwice(t *testing.T) {
	path := writeIndex(t, testkit.IndexImage(1, 3))
	before := descriptors(t)
	for range 3 {
		one, two := openIndex(t, path), openIndex(t, path)
		one.Close()
		two.Close()
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// The file that a flush made is read by others before the flush has closed it.
func TestFileOfAFlushIsOurs(t *testing.T) {
	conn, known, path := flushing(t)
	defer conn.Close()
	asked := 0
	stop := live.AtStep(func(operation string) {
		if operation != "close" || asked > 0 {
			return
		}
		asked++
		i, err := live.OpenIndexFile(vectorlite.Table{Name: "v", Path: path})
		if err != nil {
			t.Error(err)
			return
		}
		i.Close()
	})
	_, err := known.Flush()
	stop()
	if err != nil || asked != 1 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}
