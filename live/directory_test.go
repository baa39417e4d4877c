package live_test

import (
	"os"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/live"
)

// A relative path leads to another file when the process changes its directory:
// that one is neither taken nor written over.
func TestRelativePathElsewhere(t *testing.T) {
	here, there := t.TempDir(), t.TempDir()
	t.Chdir(there)
	other := vectors(t, "v.idx")
	defer other.Close()
	if _, err := ofDriver(t, other).Flush(); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	conn := vectors(t, "v.idx")
	defer conn.Close()
	cn := ofDriver(t, conn)
	if files, err := cn.Flush(); files != 1 || err != nil {
		t.Fatalf("flush: %d, %v", files, err)
	}

	t.Chdir(there)
	before, err := os.ReadFile("v.idx")
	if err != nil {
		t.Fatal(err)
	}
	want := "the path 'v.idx' of table 'v' is relative, and the process has left the directory '" + here + "', in which vxsnap was loaded on this connection"
	refused := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", what, err, want)
		}
	}
	refused(live.IndexAuto, exports(cn, live.IndexAuto))
	refused(live.IndexDisk, exports(cn, live.IndexDisk))
	held, err := cn.HoldFile(live.IndexDisk)
	if err == nil {
		held.Close()
	}
	refused("HoldFile", err)
	perform(t, conn, "INSERT INTO v(rowid, e) VALUES (6, vector_from_json('[6]'))")
	refused("stale", exports(cn, live.IndexAuto))
	_, err = cn.Flush()
	refused("flush", err)
	states, err := cn.Files("main")
	if err != nil || states[1].State != live.StateMoved || !strings.Contains(states[1].Detail, want) {
		t.Errorf("the state is %v, %v", states, err)
	}
	if err := exports(cn, live.IndexNone); err != nil {
		t.Errorf("none: %v", err)
	}
	if after, err := os.ReadFile("v.idx"); err != nil || string(after) != string(before) {
		t.Errorf("the other file was written: %v", err)
	}

	t.Chdir(here)
	if files, err := cn.Flush(); files != 1 || err != nil || elements(t, "v.idx") != 6 {
		t.Errorf("flush, back again: %d, %d elements, %v", files, elements(t, "v.idx"), err)
	}
	if err := exports(cn, live.IndexAuto); err != nil {
		t.Errorf("auto, back again: %v", err)
	}
}

func exports(cn *live.Conn, words string) error {
	e, err := cn.Export("main", live.ExportOptions{IndexFiles: words})
	if err == nil {
		e.Close()
	}
	return err
}
