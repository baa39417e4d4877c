package over_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/live/over"
	"github.com/vxsnap/vxsnap/snapshot"
)

// roles are what this test binary does when it is run again as another process.
var roles = map[string]func(args []string){}

func TestMain(m *testing.M) {
	if os.Getenv("VECTORLITE") == "" {
		if path, err := filepath.Abs("../../.tools/vectorlite.so"); err == nil {
			os.Setenv("VECTORLITE", path)
		}
	}
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		roles[os.Args[1]](os.Args[2:])
		return
	}
	os.Exit(m.Run())
}

func inRole(role string, args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", append([]string{role}, args...)...)
	if path, err := os.Executable(); err == nil {
		cmd.Path = path
	}
	cmd.Stderr = os.Stderr
	return cmd
}

var registered sync.Once

// connect opens a connection that has vectorlite, and which is alone. Like any, it makes a
// database where there is none.
func connect(database string) (*sql.DB, error) {
	registered.Do(func() {
		sql.Register("sqlite3_vectorlite", &sqlite3.SQLiteDriver{Extensions: []string{os.Getenv("VECTORLITE")}})
	})
	db, err := sql.Open("sqlite3_vectorlite", "file:"+database+"?_sync=OFF")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func execute(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v (run make unit, which fetches vectorlite)", s, err)
		}
	}
}

// An app is an application that was stopped: its database has a note and tables of
// vectorlite, docs with its index file in another folder, near with one beside the database,
// and since the snapshot late, with one in the other folder.
type app struct {
	database string
	far      string // the other folder
	saved    string // the snapshot
	persist  bool   // its connections leave the rollback journal
}

// shapes are what an application may be like.
type shape struct {
	journal string // PRAGMA journal_mode
	far     bool   // the other folder is on another file system
	wal     bool   // the last connection was killed, and left a WAL with content
}

// inMemory is a folder on a file system in memory, where there is one: its syncs take no
// time.
func inMemory(t testing.TB) string {
	directory, err := os.MkdirTemp("/dev/shm", "vxsnap-over-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(directory) })
	return directory
}

func (s shape) build(t testing.TB) app {
	t.Helper()
	directory := inMemory(t)
	a := app{filepath.Join(directory, "data", "app.db"), filepath.Join(directory, "far"), filepath.Join(directory, "saved.tar"), s.journal == "persist"}
	if s.far {
		a.far = t.TempDir()
	}
	for _, folder := range []string{filepath.Dir(a.database), a.far} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(a.database, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	a.run(t, "PRAGMA journal_mode = "+s.journal, "CREATE TABLE note(text)", "INSERT INTO note VALUES ('new')",
		a.table("docs", filepath.Join(a.far, "docs.idx")), vectors("docs", 1, 2),
		a.table("near", filepath.Join(filepath.Dir(a.database), "near.idx")), vectors("near", 1, 3))
	a.save(t)
	a.run(t, "UPDATE note SET text = 'old'", vectors("docs", 3, 5), vectors("near", 4, 4),
		a.table("late", filepath.Join(a.far, "late.idx")), vectors("late", 1, 1))
	if _, err := os.Stat(a.database + "-journal"); (err == nil) != a.persist {
		t.Fatalf("is there a journal: %v", err)
	}
	if s.wal {
		if out, err := exec.Command("sqlite3", a.database, "PRAGMA wal_autocheckpoint = 0", "UPDATE note SET text = 'older'",
			"UPDATE note SET text = 'old'", ".shell kill -9 $PPID").CombinedOutput(); err == nil {
			t.Fatalf("the shell was not killed: %s", out)
		}
		if info, err := os.Stat(a.database + "-wal"); err != nil || info.Size() == 0 {
			t.Fatalf("no WAL is left: %v", err)
		}
	}
	return a
}

func (a app) table(name, path string) string {
	return fmt.Sprintf("CREATE VIRTUAL TABLE %s USING vectorlite(e float32[1], hnsw(max_elements=99), '%s')", name, path)
}

func vectors(table string, first, last int) string {
	text := ""
	for i := first; i <= last; i++ {
		text += fmt.Sprintf("INSERT INTO %s(rowid, e) VALUES (%d, vector_from_json('[%d]'));", table, i, i)
	}
	return text
}

// run opens the database as the application does, and closes it.
func (a app) run(t testing.TB, statements ...string) {
	t.Helper()
	db, err := connect(a.database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if a.persist {
		execute(t, db, "PRAGMA journal_mode = persist")
	}
	execute(t, db, statements...)
}

// save takes a snapshot as a file.
func (a app) save(t testing.TB) {
	t.Helper()
	a.saveWith(t, live.IndexDisk)
}

func (a app) saveWith(t testing.TB, indexFiles string) {
	t.Helper()
	hold, err := live.HoldFile(a.database, indexFiles)
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	export, err := hold.Export(4096)
	if err != nil {
		t.Fatal(err)
	}
	defer export.Close()
	var b bytes.Buffer
	if _, err := export.Tar().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.saved, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// restore restores the snapshot over the database. Machines that run tests may hide
// processes.
func (a app) restore(opt over.Options) (*over.Result, error) {
	opt.Stopped = true
	return a.restoreWith(opt)
}

func (a app) restoreWith(opt over.Options) (*over.Result, error) {
	f, err := os.Open(a.saved)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := snapshot.NewSavedReader(f, a.saved, nil, nil)
	defer r.Close()
	return over.Restore(context.Background(), a.database, over.Saved(r), opt)
}

const (
	isOld   = "note old, docs 5, near 4, late 1"
	isNew   = "note new, docs 2, near 3"
	isError = "nobody can open it"
)

// is what the application finds when it starts.
func (a app) is(t testing.TB) string {
	t.Helper()
	db, err := connect(a.database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var note string
	err = db.QueryRow("SELECT text FROM note").Scan(&note)
	if e := (sqlite3.Error{}); errors.As(err, &e) && (e.Code == sqlite3.ErrIoErr || e.Code == sqlite3.ErrCantOpen) {
		return isError
	}
	if err != nil {
		return err.Error()
	}
	found := "note " + note
	for _, table := range []string{"docs", "near", "late"} {
		n := 0
		for i := range 9 {
			var has int
			if err = db.QueryRow(fmt.Sprintf("SELECT count(*) FROM %s WHERE rowid = %d", table, i)).Scan(&has); err != nil {
				break
			}
			n += has
		}
		if err == nil {
			found += fmt.Sprintf(", %s %d", table, n)
		} else if err.Error() != "no such table: late" {
			return err.Error()
		}
	}
	return found
}

func (a app) want(t testing.TB, what, want string) {
	t.Helper()
	if got := a.is(t); got != want {
		t.Errorf("%s: the application finds %s, want %s", what, got, want)
	}
}

// left lists what is in the two folders, but for a WAL, which comes and goes with
// connections.
func (a app) left(t testing.TB) (names []string) {
	t.Helper()
	for _, folder := range []string{filepath.Dir(a.database), a.far} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".db-wal") && !strings.HasSuffix(e.Name(), ".db-shm") {
				names = append(names, filepath.Join(folder, e.Name()))
			}
		}
	}
	return names
}
