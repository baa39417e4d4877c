package vxsnap_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A process that saves, and restores from what it saved, is killed at a random moment.
// A file that has a name is whole; what has not begins with a dot.
func TestKillsOfSave(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "live.db")
	conn := open(t, file+"?_busy_timeout=5000")
	run(t, conn, "CREATE TABLE t(a, b)", fill, fill, fill, fill)
	size := text(t, conn, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
	commands := []string{"-batch", file, ".load " + library, ".timeout 5000",
		"SELECT vx_snapshot_save('" + dir + "/a.tar') IS NOT NULL", "SELECT vx_snapshot_save('" + dir + "/a.tar.zst') IS NOT NULL",
		"SELECT vx_snapshot_restore('" + dir + "/out', " + rowColumns + ") IS NOT NULL FROM vx_snapshot_read('" + dir + "/a.tar.zst')"}
	clean := func() {
		names, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			_ = os.RemoveAll(filepath.Join(dir, name.Name()))
		}
	}
	start := time.Now()
	if out, err := exec.Command("sqlite3", commands...).CombinedOutput(); err != nil || string(out) != "1\n1\n1\n" {
		t.Fatalf("%s%v", out, err)
	}
	whole := time.Since(start)
	complete, hidden := 0, 0
	for i := range kills(t) / 2 {
		clean()
		killWithin(t, whole, commands)
		names, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			path := filepath.Join(dir, name.Name())
			switch {
			case strings.HasPrefix(name.Name(), ".a.tar.vxsnap-"), strings.HasPrefix(name.Name(), ".a.tar.zst.vxsnap-"), strings.HasPrefix(name.Name(), ".out.vxsnap-"):
				hidden++
			case name.Name() == "a.tar", name.Name() == "a.tar.zst":
				complete++
				got := text(t, conn, "SELECT vx_snapshot_verify("+rowColumns+") || sum(length(data)) FROM vx_snapshot_read(?)", path)
				if got != "ok"+size {
					t.Fatalf("kill %d: %s: %s", i, name.Name(), got)
				}
			case name.Name() == "out":
				if out, err := exec.Command("cmp", file, path+"/database.db").CombinedOutput(); err != nil {
					t.Fatalf("kill %d: half a restore: %s", i, out)
				}
			default:
				t.Fatalf("kill %d: there is %s", i, name.Name())
			}
		}
		run(t, conn, "BEGIN IMMEDIATE", "COMMIT") // no lock is left
	}
	t.Logf("killed within %v, %d whole files were there, %d without a name", whole, complete, hidden)
	clean()
	if out, err := exec.Command("sqlite3", commands...).CombinedOutput(); err != nil {
		t.Errorf("the next run: %s%v", out, err)
	}
}
