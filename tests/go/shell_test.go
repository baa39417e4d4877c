package vxsnap_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shell runs commands in the real sqlite3 shell with vxsnap.so loaded.
func shell(t *testing.T, dir string, commands ...string) string {
	t.Helper()
	so, err := filepath.Abs(library)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sqlite3", append([]string{"-batch", ":memory:", ".load " + so}, commands...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s%v", out, err)
	}
	return string(out)
}

// A database that is encrypted for the caller only: the private connection
// cannot read it, so the spool does.
func TestEncryptedForTheCaller(t *testing.T) {
	dir := t.TempDir()
	keyed := filepath.Join(dir, "keyed.so")
	if out, err := exec.Command("gcc", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", keyed, "testdata/keyed.c").CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	for _, mode := range []string{"delete", "wal"} {
		out := shell(t, dir, ".load "+keyed, "ATTACH 'file:"+mode+".db?vfs=keyed&key=1' AS secret",
			"PRAGMA secret.journal_mode = "+mode, "CREATE TABLE secret.t AS SELECT 'plain text' AS a",
			"SELECT vx_snapshot_restore('out_"+mode+"', "+rowColumns+") IS NOT NULL FROM vx_snapshot_chunks(1000, 'secret')",
			"SELECT vx_snapshot_debug()",
			"ATTACH 'out_"+mode+"/database.db' AS copied", "SELECT a FROM copied.t")
		if !strings.Contains(out, "last snapshot: spool: no pin: ") || !strings.HasSuffix(out, "\nplain text\n") {
			t.Errorf("%s: got\n%s", mode, out)
		}
		if raw, err := os.ReadFile(filepath.Join(dir, mode+".db")); err != nil || bytes.Contains(raw, []byte("SQLite format")) {
			t.Errorf("%s: the file is not encrypted, this tested nothing: %v", mode, err)
		}
	}
}

// killed runs a shell that is killed in the midst of a transaction.
func killed(t *testing.T, file string, commands ...string) {
	t.Helper()
	cmd := exec.Command("sqlite3", append([]string{"-batch", file}, append(commands, ".system kill -9 $PPID")...)...)
	if err := cmd.Run(); err == nil {
		t.Fatal("the shell lived on")
	}
}

// What a killed process leaves is recovered as SQLite recovers it: a hot
// journal is rolled back, the commits in a WAL count.
func TestAfterAKill(t *testing.T) {
	const big = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO t SELECT i, randomblob(500) FROM n"
	for _, test := range []struct {
		name, left string
		commands   []string
		want       string
	}{
		{"hot journal", "-journal", []string{"PRAGMA cache_size = 5", "BEGIN", "UPDATE t SET b = 'lost'", big}, "100 0"},
		{"WAL", "-wal", []string{"PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 0", "UPDATE t SET b = 'kept' WHERE a <= 7",
			"BEGIN", "PRAGMA cache_size = 5", "UPDATE t SET b = 'kept'", big}, "100 7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "live.db")
			conn := open(t, file)
			run(t, conn, "CREATE TABLE t(a, b)", fill)
			conn.Close()
			killed(t, file, test.commands...)
			if info, err := os.Stat(file + test.left); err != nil || info.Size() < 10000 {
				t.Fatalf("nothing was left, this tests nothing: %v %v", info, err)
			}
			conn = open(t, file)
			restored := open(t, restore(t, conn, "main", 1000))
			if got := way(t, conn); !strings.HasPrefix(got, "pin, ") {
				t.Errorf("way: got %q", got)
			}
			got := text(t, restored, "SELECT count(*) || ' ' || sum(b IN ('kept', 'lost')) FROM t") +
				text(t, restored, "PRAGMA integrity_check")
			if got != test.want+"ok" {
				t.Errorf("got %s, want %sok", got, test.want)
			}
		})
	}
}

// untilStaged waits until a restore has written so many bytes into a file.
func untilStaged(t *testing.T, pattern string, bytes int64) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if info, err := os.Stat(name); err == nil && info.Size() >= bytes {
				return
			}
		}
	}
	t.Fatalf("no restore has written %d bytes", bytes)
}

// Ctrl-C in the shell, among the rows of a restore.
func TestCtrlC(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "live.db")
	run(t, open(t, file), "PRAGMA synchronous = OFF", "CREATE TABLE t(a)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT zeroblob(1000000) FROM n")
	cmd := exec.Command("sqlite3", "-batch", file, ".load "+library,
		"SELECT vx_snapshot_restore('"+filepath.Join(dir, "out")+"', "+rowColumns+") FROM vx_snapshot_chunks")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	untilStaged(t, filepath.Join(dir, ".out.vxsnap-*/database.db"), 50<<20)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	sent := time.Now()
	err := cmd.Wait()
	if late := time.Since(sent); err == nil || late > 200*time.Millisecond || !strings.Contains(out.String(), "interrupted") {
		t.Errorf("got %v after %v: %s", err, late, out.String())
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 1 {
		t.Errorf("left behind: %v %v", names, err)
	}
}
