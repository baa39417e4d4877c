package vxsnap_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// kills is how many processes a test kills or forks: VXSNAP_KILLS, else 300.
func kills(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("VXSNAP_KILLS"))
	if err != nil {
		return 300
	}
	return n
}

// A process that exports, stores, verifies and restores is killed at a random
// moment. The source is whole and not locked, the target is absent or complete,
// and the next run succeeds.
func TestKills(t *testing.T) {
	for _, mode := range []string{"DELETE", "WAL"} {
		t.Run(mode, func(t *testing.T) { killExports(t, mode, kills(t)/2) })
	}
}

func killExports(t *testing.T, mode string, n int) {
	dir := t.TempDir()
	file, target := filepath.Join(dir, "live.db"), filepath.Join(dir, "out")
	conn := open(t, file+"?_busy_timeout=5000")
	run(t, conn, "PRAGMA journal_mode = "+mode, "CREATE TABLE t(a, b)", fill, fill, fill, fill)
	commands := []string{"-batch", file, ".load " + library, ".timeout 5000", "ATTACH 'file:" + dir + "/store.db' AS store",
		"CREATE TABLE store.snap AS SELECT * FROM vx_snapshot_chunks(512)",
		"SELECT vx_snapshot_verify(" + rowColumns + ") FROM store.snap",
		"SELECT vx_snapshot_restore('" + target + "', " + rowColumns + ") FROM (SELECT * FROM store.snap ORDER BY random())"}
	start := time.Now()
	if out, err := exec.Command("sqlite3", commands...).CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	whole := time.Since(start)
	complete, staged := 0, 0
	for i := range n {
		for _, name := range []string{target, filepath.Join(dir, "store.db"), filepath.Join(dir, "store.db-journal")} {
			_ = os.RemoveAll(name)
		}
		killWithin(t, whole, commands)
		if _, err := os.Lstat(target); err == nil {
			complete++
			copied := open(t, filepath.Join(target, "database.db"))
			if got := text(t, copied, "SELECT integrity_check || (SELECT count(*) FROM t) FROM pragma_integrity_check"); !strings.HasPrefix(got, "ok4") {
				t.Fatalf("kill %d: the target appeared incomplete: %s", i, got)
			}
			copied.Close()
		}
		hidden, err := filepath.Glob(filepath.Join(dir, ".out.vxsnap-*"))
		if err != nil {
			t.Fatal(err)
		}
		staged += len(hidden)
		for _, name := range hidden {
			_ = os.RemoveAll(name)
		}
		run(t, conn, fmt.Sprintf("UPDATE t SET b = %d WHERE a = 1", i)) // no lock is left
		if got := text(t, conn, "PRAGMA integrity_check"); got != "ok" {
			t.Fatalf("kill %d: the source: %s", i, got)
		}
	}
	t.Logf("%s: %d kills within %v, %d after the target was complete, %d left a staging directory", mode, n, whole, complete, staged)
	_ = os.RemoveAll(target)
	_ = os.Remove(filepath.Join(dir, "store.db"))
	if out, err := exec.Command("sqlite3", commands...).CombinedOutput(); err != nil || !strings.Contains(string(out), "\nok\n") && !strings.HasPrefix(string(out), "ok\n") {
		t.Errorf("the next run: %s%v", out, err)
	}
}

// In a forked child every function and table is an error, and none hangs.
func TestForks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "live.db")
	run(t, open(t, file), "CREATE TABLE t(a, b)", fill)
	so, err := filepath.Abs(library)
	if err != nil {
		t.Fatal(err)
	}
	n := kills(t) * 2 / 3
	out, err := exec.Command("/usr/bin/python3", "testdata/fork.py", so, file, strconv.Itoa(n)).CombinedOutput()
	if want := fmt.Sprintf("%d forks refused, 1 spawn works, True\n", n); err != nil || string(out) != want {
		t.Errorf("got %s%v, want %s", out, err, want)
	}
}

// killWithin runs a shell and kills it at a random moment of the time that it takes for
// the whole of its commands, or a little later.
func killWithin(t *testing.T, whole time.Duration, commands []string) {
	t.Helper()
	cmd := exec.Command("sqlite3", commands...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Duration(rand.Int64N(int64(whole) * 11 / 10)))
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
