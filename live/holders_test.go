package live_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
)

// state checks what is said of the first index file.
func state(t *testing.T, what string, known *live.Conn, want, detail string) {
	t.Helper()
	if got := stateOf(t, known); got.State != want || !strings.Contains(got.Detail, detail) {
		t.Errorf("%s: state %s, %q, want %s, %q", what, got.State, got.Detail, want, detail)
	}
}

// anotherProcess has a database open until the test ends.
func anotherProcess(t *testing.T, file string, statements ...string) {
	t.Helper()
	cmd := exec.Command("sqlite3", "-batch", file)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	fmt.Fprintln(in, strings.Join(append(statements, ".print done"), "\n"))
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "done" {
			return
		}
	}
	t.Fatal("the shell ended")
}

// A connection that vxsnap does not know is counted, whatever else is open; the
// pins that were closed, and a connection that has not read, count for nothing.
func TestConnectionWithoutVxsnap(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		path := filepath.Join(t.TempDir(), "v.idx")
		vectors(t, path).Close()
		file := filepath.Join(filepath.Dir(path), "app.db")
		conn := connection(t, "sqlite3", file, "PRAGMA journal_mode = "+mode, "SELECT * FROM sqlite_schema")
		known := ofDriver(t, conn)
		state(t, mode+", alone", known, live.StateOK, "")
		idle, err := c.Open(file, c.OpenReadWrite, "") // known, and has not read
		if err != nil {
			t.Fatal(err)
		}
		defer idle.Close()
		if _, err := live.Of(idle, nil); err != nil {
			t.Fatal(err)
		}
		_, database := connect(t) // known, and of another database
		ofDriver(t, database)
		execute(t, database, "INSERT INTO t VALUES (1)")
		state(t, mode+", with other known ones", known, live.StateOK, "")
		for range 3 {
			e, err := known.Export("main", live.ExportOptions{IndexFiles: live.IndexAuto})
			if err != nil {
				t.Fatalf("%s, with a pin of its own: %v", mode, err)
			}
			e.Close()
		}
		other := connection(t, "sqlite3_vectorlite", file, "INSERT INTO v(rowid, e) VALUES (9, vector_from_json('[9]'))")
		state(t, mode+", beside an unknown one", known, live.StateHeld, "another connection of this process (without vxsnap) may hold a newer index")
		other.Close()
		state(t, mode+", after its end", known, live.StateOK, "")
	}
}

// Of a connection that another thread uses nothing can be asked.
func TestConnectionThatIsBusy(t *testing.T) {
	vectors(t, filepath.Join(t.TempDir(), "v.idx")).Close() // so that vectorlite is loaded
	conn, database, path := indexed(t)
	if err := os.WriteFile(path, testkit.IndexImage(1, 3), 0o600); err != nil {
		t.Fatal(err)
	}
	known := ofDriver(t, conn)
	other := connection(t, "sqlite3", database, "SELECT * FROM t")
	ofDriver(t, other)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var n sql.NullInt64
		_ = other.QueryRowContext(ctx, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n").Scan(&n)
	}()
	for range 100 { // until the other thread is in SQLite
		if got := stateOf(t, known); got.State != live.StateOK {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	state(t, "busy", known, live.StateHeld, "another connection of this process (which is busy) may hold")
	cancel()
	<-ended
	state(t, "idle", known, live.StateOK, "")
}

// Where vectorlite is not loaded no connection of the process holds an index.
func TestConnectionsWithoutVectorlite(t *testing.T) {
	if os.Getenv("VXSNAP_ALONE") == "" { // another process, where no test has loaded it
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
		cmd.Env = append(os.Environ(), "VXSNAP_ALONE=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s%v", out, err)
		}
		return
	}
	conn, database, path := indexed(t)
	if err := os.WriteFile(path, testkit.IndexImage(1, 3), 0o600); err != nil {
		t.Fatal(err)
	}
	connection(t, "sqlite3", database, "SELECT * FROM t")
	state(t, "no vectorlite", ofDriver(t, conn), live.StateOK, "")
}

// A database that is no longer where it was may be open under another name.
func TestIndexOfAMovedDatabase(t *testing.T) {
	for _, replaced := range []bool{false, true} {
		conn, database, path := indexed(t)
		if err := os.WriteFile(path, testkit.IndexImage(1, 3), 0o600); err != nil {
			t.Fatal(err)
		}
		known := ofDriver(t, conn)
		state(t, "in its place", known, live.StateOK, "")
		if err := os.Rename(database, database+".moved"); err != nil {
			t.Fatal(err)
		}
		if replaced {
			if err := os.Rename(newDatabase(t), database); err != nil {
				t.Fatal(err)
			}
		}
		state(t, fmt.Sprintf("moved, replaced %t", replaced), known, live.StateHeld, "somebody who has the database file open under another name may hold")
		conn.Close()
	}
}

// To ask who has a database open drops no lock on it.
func TestLocksWhileHoldersAreAsked(t *testing.T) {
	conn, database, path := indexed(t)
	if err := os.WriteFile(path, testkit.IndexImage(1, 3), 0o600); err != nil {
		t.Fatal(err)
	}
	known := ofDriver(t, conn)
	execute(t, conn, "BEGIN IMMEDIATE")
	state(t, "in a transaction", known, live.StateOK, "")
	locked(t, "after the question", database)
}

// Who opens the database after the index files were opened, and before the view,
// counts.
func TestHolderThatComesMeanwhile(t *testing.T) {
	conn, database, path := indexed(t)
	if err := os.WriteFile(path, testkit.IndexImage(1, 3), 0o600); err != nil {
		t.Fatal(err)
	}
	known, came := ofDriver(t, conn), false
	stop := live.AtStep(func(operation string) {
		if operation == "open" && !came {
			came = true
			anotherProcess(t, database, "SELECT * FROM t;")
		}
	})
	_, err := known.Export("main", live.ExportOptions{IndexFiles: live.IndexAuto})
	stop()
	refused(t, "another process", err, "(sqlite3) may hold a newer index of table 'docs' in memory")
}

// A table that a commit declares just before the view is in the snapshot, with its
// index file.
func TestTablesOfTheView(t *testing.T) {
	conn, database, path := indexed(t)
	second := path + "2"
	if err := errors.Join(os.WriteFile(path, testkit.IndexImage(1, 3), 0o600), os.WriteFile(second, testkit.IndexImage(2, 3), 0o600)); err != nil {
		t.Fatal(err)
	}
	known, came, before := ofDriver(t, conn), false, descriptors(t)
	stop := live.AtStep(func(operation string) {
		if operation != "open" || came {
			return
		}
		came = true
		connection(t, "sqlite3", database, "PRAGMA writable_schema = ON", `INSERT INTO sqlite_schema VALUES ('table', 'more', 'more', 0,
			'CREATE VIRTUAL TABLE more USING vectorlite(v float32[1], hnsw(max_elements=13), ''`+second+`'')')`).Close()
	})
	rows, _, err := export(known, func() bool { return came })
	stop()
	if got := bytesOf(rows, "index_1.idx"); err != nil || string(got) != string(testkit.IndexImage(2, 3)) {
		t.Errorf("the second index file has %d bytes in the snapshot (%v)", len(got), err)
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
	if n := c.OpenedApart(); n != 0 {
		t.Errorf("%d index files are open", n)
	}
}

// What a connection flushed is held as it left it, whoever else has the database
// open; by its path it is anybody's.
func TestHoldFileOfWhatWasFlushed(t *testing.T) {
	conn, known, path := flushing(t)
	defer conn.Close()
	database := filepath.Join(filepath.Dir(path), "app.db")
	if _, err := known.Flush(); err != nil {
		t.Fatal(err)
	}
	anotherProcess(t, database, "SELECT * FROM sqlite_schema;")
	_, err := live.HoldFile(database, live.IndexAuto)
	refused(t, "by its path", err, "(sqlite3) may hold a newer index of table 'v' in memory")
	file, err := known.HoldFile(live.IndexAuto)
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
}
