package vxsnap_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Whatever SQL does to a database, the increment on a copy, restored on it, is the database.
func TestIncrementsOfDatabases(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "live.db")
	conn := open(t, file)
	run(t, conn, "ATTACH '"+filepath.Join(dir, "rows.db")+"' AS s", "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", fillB)
	copied := filepath.Join(dir, "0")
	if err := os.Mkdir(copied, 0o700); err != nil {
		t.Fatal(err)
	}
	least := int64(1 << 40)
	for night, changes := range []string{
		"SELECT 1",
		"UPDATE t SET b = randomblob(300) WHERE a % 100 = 7",
		fillB,
		"DELETE FROM t WHERE a % 3 = 0",
		"VACUUM",
		"PRAGMA page_size = 1024; VACUUM",
		"PRAGMA page_size = 16384; VACUUM",
		"DELETE FROM t; VACUUM",
		"CREATE TABLE u AS SELECT randomblob(100000) AS a",
		"DROP TABLE u; PRAGMA journal_mode = WAL; INSERT INTO t(b) VALUES (1)",
	} {
		run(t, conn, strings.Split(changes, "; ")...)
		run(t, conn, "DROP TABLE IF EXISTS s.snap", fmt.Sprintf("CREATE TABLE s.snap AS SELECT * FROM vx_snapshot_chunks WHERE base = vx_snapshot_manifest('%s', 4096) AND compression = 'zstd'", copied))
		next := filepath.Join(dir, fmt.Sprint(night+1))
		for query, want := range map[string]string{
			"SELECT vx_snapshot_verify(" + rowColumns + ", '" + copied + "') FROM s.snap":                              "ok",
			"SELECT vx_snapshot_restore('" + next + "', " + rowColumns + ", '" + copied + "') IS NOT NULL FROM s.snap": "1",
		} {
			if got := text(t, conn, query); got != want {
				t.Fatalf("after %s: %s: %s", changes, query, got)
			}
		}
		run(t, conn, "PRAGMA wal_checkpoint(TRUNCATE)")
		if out, err := exec.Command("cmp", file, next+"/database.db").CombinedOutput(); err != nil {
			t.Fatalf("after %s: %s", changes, out)
		}
		var rows int64
		if _, err := fmt.Sscan(text(t, conn, "SELECT count(*) FROM s.snap"), &rows); err != nil {
			t.Fatal(err)
		}
		if night > 0 {
			least = min(least, rows)
		}
		copied = next
	}
	if least > 8 {
		t.Errorf("the least increment has %d rows", least)
	}
}

const fillB = "INSERT INTO t(b) WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT randomblob(300) FROM n"

// A restore on a base that is on another file system, which is killed at a random moment,
// leaves the directory whole or not there, and the base as it was.
func TestKillsOfRestoreOnBase(t *testing.T) {
	base, err := os.MkdirTemp("/dev/shm", "vxsnap")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	dir := t.TempDir()
	file, rows, out := filepath.Join(dir, "live.db"), filepath.Join(dir, "rows.db"), filepath.Join(dir, "out", "new")
	conn := open(t, file+"?_busy_timeout=5000")
	run(t, conn, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", fillB, fillB, fillB, fillB)
	if out, err := exec.Command("cp", file, base+"/database.db").CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	run(t, conn, "UPDATE t SET b = 1 WHERE a % 500 = 0", "ATTACH '"+rows+"' AS s",
		fmt.Sprintf("CREATE TABLE s.snap AS SELECT * FROM vx_snapshot_chunks WHERE base = vx_snapshot_manifest('%s', 4096)", base))
	was, err := os.ReadFile(base + "/database.db")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-batch", rows, ".load " + library, "SELECT vx_snapshot_restore('" + out + "', " + rowColumns + ", '" + base + "') IS NOT NULL FROM snap"}
	var whole time.Duration
	start := time.Now()
	for i := range 1 + kills(t)/2 {
		if err := os.RemoveAll(filepath.Dir(out)); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Dir(out), 0o700); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("sqlite3", args...)
		if i == 0 { // how long one takes
			if got, err := cmd.CombinedOutput(); err != nil || string(got) != "1\n" {
				t.Fatalf("%s%v", got, err)
			}
		} else {
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(rand.Int64N(int64(whole) * 11 / 10)))
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		if i == 0 {
			whole = time.Since(start)
		}
		names, err := os.ReadDir(filepath.Dir(out))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if name.Name() != "new" && !strings.HasPrefix(name.Name(), ".new.vxsnap-") {
				t.Fatalf("kill %d: there is %s", i, name.Name())
			}
			if name.Name() == "new" {
				if out, err := exec.Command("cmp", file, out+"/database.db").CombinedOutput(); err != nil {
					t.Fatalf("kill %d: half a restore: %s", i, out)
				}
			}
		}
		if is, err := os.ReadFile(base + "/database.db"); err != nil || string(is) != string(was) {
			t.Fatalf("kill %d: the base is another: %v", i, err)
		}
	}
}
