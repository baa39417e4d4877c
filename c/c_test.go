package c_test

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
)

func TestBlocks(t *testing.T) {
	b := c.NewBlock(1 << 20)
	if n := len(b.Bytes()); n != 1<<20 {
		t.Errorf("got %d bytes", n)
	}
	b.Bytes()[1<<20-1] = 1
	if b.Shared() {
		t.Error("nobody shares a new block")
	}
	if n := c.LiveBlocks(); n != 1 {
		t.Errorf("%d live blocks, want 1", n)
	}
	b.Release()
	if n := c.LiveBlocks(); n != 0 {
		t.Errorf("%d live blocks after Release, want 0", n)
	}
}

// inside runs a test inside of the registration with a connection, which is when
// an extension first has one.
func inside(t *testing.T, name string, test func(db c.DB)) {
	t.Helper()
	ran := false
	sqlite.Register(func(api *sqlite.ExtensionApi) (sqlite.ErrorCode, error) {
		if err := c.Caller(api).Register(func() error { return api.CreateFunction("nothing", nothing{}) }); err != nil {
			t.Errorf("Register: %v", err)
		}
		if !ran { // Open runs automatic extensions too
			ran = true
			test(c.Caller(api))
		}
		return sqlite.SQLITE_OK, nil
	})
	if err := c.AutoExtension(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(); err != nil || !ran {
		t.Fatalf("the extension did not run: %v", err)
	}
}

// compiled makes a program of some of the room's C.
func compiled(t *testing.T, sources ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	args := append([]string{"-Wall", "-Wextra", "-O2", "-o", program}, sources...)
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	return program
}

type nothing struct{}

func (nothing) Deterministic() bool                    { return true }
func (nothing) Args() int                              { return 0 }
func (nothing) Apply(*sqlite.Context, ...sqlite.Value) {}

func TestStatements(t *testing.T) {
	inside(t, ":memory:", func(db c.DB) {
		s, err := db.Prepare("SELECT 41 + 1, ?1, '' UNION ALL SELECT 7, 'b', 'c'")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.BindText(1, "a'ä"); err != nil {
			t.Error(err)
		}
		if row, err := s.Step(); !row || err != nil || s.Int64(0) != 42 || s.Text(1) != "a'ä" || s.Text(2) != "" {
			t.Errorf("got %t, %v, %d, %q, %q", row, err, s.Int64(0), s.Text(1), s.Text(2))
		}
		if all := db.Statements(); len(all) != 1 || !strings.HasPrefix(all[0], "SELECT 41") {
			t.Errorf("statements: %q", all)
		}
		s.Close()
		s.Close()
		_, err = db.Prepare("SELEC")
		var e *c.Error
		if !errors.As(err, &e) || e.Code != 1 || !strings.Contains(e.Text, "syntax error") {
			t.Errorf("got %#v", err)
		}
		if errors.Is(err, c.Busy) || !errors.Is(&c.Error{Code: 261, Text: "x"}, c.Busy) {
			t.Error("Is compares primary codes")
		}
		if err := db.Interrupted(); err != nil {
			t.Errorf("not interrupted: %v", err)
		}
		if err := db.Exec("SELECT 1"); err != nil { // or the connection is not opened
			t.Error(err)
		}
	})
}

func TestConnection(t *testing.T) {
	file := filepath.Join(t.TempDir(), "live.db")
	inside(t, file, func(db c.DB) {
		for _, query := range []string{"PRAGMA journal_mode = WAL", "CREATE TABLE t(a)", "INSERT INTO t VALUES (1)"} {
			if err := db.Exec(query); err != nil {
				t.Fatal(err)
			}
		}
		if got := db.Filename("main"); got != file {
			t.Errorf("Filename: got %s", got)
		}
		if readOnly, exists := db.ReadOnly("main"); readOnly || !exists {
			t.Error("main is there and can be written to")
		}
		if _, exists := db.ReadOnly("nowhere"); exists {
			t.Error("nowhere does not exist")
		}
		if !db.AutoCommit() || db.TxnState("main") != c.TxnNone || db.TotalChanges() != 1 || db.HasMoved("main") {
			t.Error("state of the connection")
		}
		f, ok := db.DatabaseFile("main")
		if !ok || !f.SharesMemory() {
			t.Fatal("the database file is open and shares memory")
		}
		private, err := c.Open(file, c.OpenReadWrite|c.OpenPrivate, db.VFS("main"))
		if err != nil {
			t.Fatal(err)
		}
		defer private.Close()
		if n, err := private.Int64("SELECT a FROM t"); n != 1 || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
		if index, err := f.WALIndex(); err != nil || len(index) < 100 || index[12] != 1 {
			t.Errorf("WALIndex: %v, %v", index, err)
		}
		page := make([]byte, 4) // of frame 1, which changed page 1
		if err := f.WALRegion(page, 0, 136); err != nil || binary.NativeEndian.Uint32(page) != 1 {
			t.Errorf("the page of frame 1: got %x, %v", page, err)
		}
		if err := f.WALRegion(page, 1, 0); err == nil || err.Error() != "disk I/O error" {
			t.Errorf("a region that is not there: got %v", err)
		}
		if err := f.WALRegion(page, 0, 32768-3); err == nil || !strings.Contains(err.Error(), "no 4 bytes at 32765") {
			t.Errorf("behind the end of a region: got %v", err)
		}
		wal, ok := db.JournalFile("main")
		if !ok {
			t.Fatal("the WAL is open")
		}
		b := make([]byte, 4)
		if n, err := wal.ReadAt(b, 0); n != 4 || err != nil || b[0] != 0x37 {
			t.Errorf("start of the WAL: %x, %v", b, err)
		}
		if _, err := wal.ReadAt(b, 1<<30); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("behind the end: got %v", err)
		}
	})
}

func TestOpenMissing(t *testing.T) {
	inside(t, ":memory:", func(c.DB) {
		_, err := c.Open(filepath.Join(t.TempDir(), "missing"), c.OpenReadOnly, "")
		var e *c.Error
		if !errors.As(err, &e) || e.Code&0xff != 14 {
			t.Errorf("got %v, want SQLITE_CANTOPEN", err)
		}
	})
}
