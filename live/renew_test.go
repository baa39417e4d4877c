package live_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/live"
)

// Whoever has an index file open keeps its bytes over a flush, and the path, the
// mode and a link stay what they were.
func TestRenew(t *testing.T) {
	directory := t.TempDir()
	path, target := filepath.Join(directory, "v.idx"), filepath.Join(directory, "elsewhere")
	conn := vectors(t, path)
	defer conn.Close()
	if err := errors.Join(os.Rename(path, target), os.Symlink(target, path), os.Chmod(target, 0o640)); err != nil {
		t.Fatal(err)
	}
	held, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	known := ofDriver(t, conn)
	if err := known.Renew(); err != nil {
		t.Fatal(err)
	}
	if n := elements(t, path); n != 2 {
		t.Errorf("the copy has %d vectors, want 2", n)
	}
	if _, err := known.Flush(); err != nil {
		t.Fatal(err)
	}
	if n := elements(t, path); n != 5 {
		t.Errorf("after the flush the file has %d vectors, want 5", n)
	}
	if n := elements(t, fmt.Sprint("/proc/self/fd/", held.Fd())); n != 2 {
		t.Errorf("the file that was open has %d vectors, want 2", n)
	}
	link, _ := os.Readlink(path)
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 || link != target {
		t.Errorf("the file is a link to %q, %v, %v", link, info.Mode(), err)
	}
}

// Closing a descriptor of the database would drop SQLite's locks on it.
func TestRenewRefusesTheDatabase(t *testing.T) {
	directory := t.TempDir()
	database := filepath.Join(directory, "app.db")
	conn := vectors(t, filepath.Join(directory, "v.idx"))
	defer conn.Close()
	before, err := os.Stat(database)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(context.Background(), `PRAGMA writable_schema = ON;
		INSERT INTO sqlite_schema VALUES ('table', 'w', 'w', 0, 'CREATE VIRTUAL TABLE w USING vectorlite(e float32[1], hnsw(max_elements=3), "`+database+`")')`); err != nil {
		t.Fatal(err)
	}
	err = ofDriver(t, conn).Renew()
	if misuse := new(live.Misuse); !errors.As(err, &misuse) || !strings.Contains(err.Error(), "part of an open database") {
		t.Errorf("an index file that is the database: %v", err)
	}
	if now, err := os.Stat(database); err != nil || !os.SameFile(before, now) {
		t.Errorf("the database was replaced, %v", err)
	}
}
