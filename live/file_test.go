package live_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A File is closed once, and has no other end.
func TestFileCloses(t *testing.T) {
	held, known := live.Held(), live.Known()
	file, err := live.HoldFile(newDatabase(t), live.IndexNone)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := any(file).(interface{ Release() }); ok {
		t.Error("a File can be released, which leaves its connection open")
	}
	e, err := file.Export(snapshot.DefaultChunkSize)
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
	for range 2 {
		file.Close()
	}
	if live.Held() != held || live.Known() != known {
		t.Errorf("%d moments and %d connections are left", live.Held()-held, live.Known()-known)
	}
	_, err = file.Export(snapshot.DefaultChunkSize)
	refused(t, "Export", err, "app.db' is closed; hold another one with live.HoldFile")
	if file.Pages() != 2 || file.PageSize() != 4096 || file.IndexFiles() != live.IndexNone || !strings.HasPrefix(file.Way(), "pin") {
		t.Errorf("got %d pages of %d bytes, %q, %q", file.Pages(), file.PageSize(), file.IndexFiles(), file.Way())
	}
}

// What has no file is no database file, however SQLite would open it.
func TestHoldFileRefuses(t *testing.T) {
	known := live.Known()
	for _, path := range []string{"", ":memory:", newDatabase(t) + "\x00"} {
		_, err := live.HoldFile(path, "")
		refused(t, "HoldFile", err, "is not a database file; give the path of one")
	}
	missing := filepath.Join(t.TempDir(), "missing.db")
	_, err := live.HoldFile(missing, "")
	if want := "open '" + missing + "': unable to open database file"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := os.Stat(missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("HoldFile made a file: %v", err)
	}
	if live.Known() != known {
		t.Errorf("%d connections are left", live.Known()-known)
	}
}

// The connection of a closed File may have become somebody else's.
func TestFileClosesNoOther(t *testing.T) {
	for range 20 {
		file, err := live.HoldFile(newDatabase(t), "")
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
		conn, known, _ := opened(t)
		file.Close()
		if !known.HasSchema("main") {
			t.Fatal("another connection was closed")
		}
		conn.Close()
	}
}
