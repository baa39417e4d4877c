package vxsnap_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// An SQLite may be built to lock every database exclusively. Where the host does
// not, the private connection must not.
func TestDefaultLockingMode(t *testing.T) {
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/mattn/go-sqlite3").Output()
	if err != nil {
		t.Fatal(err)
	}
	source, dir := strings.TrimSpace(string(module)), t.TempDir()
	program := filepath.Join(dir, "locking")
	build := exec.Command("gcc", "-w", "-O0", "-DSQLITE_DEFAULT_LOCKING_MODE=1", "-I", source, "-o", program,
		"testdata/locking.c", filepath.Join(source, "sqlite3-binding.c"), "-lpthread", "-ldl", "-lm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	so, err := filepath.Abs(library)
	if err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[string]string{"DELETE": "pin, rollback journal\n", "WAL": "pin, WAL, "} {
		for locking, want := range map[string]string{"NORMAL": want, "EXCLUSIVE": "spool: locking_mode = EXCLUSIVE\n"} {
			out, err := exec.Command(program, so, filepath.Join(dir, mode+locking+".db"), "PRAGMA locking_mode = "+locking,
				"PRAGMA journal_mode = "+mode, "CREATE TABLE t(a)", "INSERT INTO t VALUES (1)",
				"SELECT vx_snapshot_verify("+rowColumns+") FROM vx_snapshot_chunks", "SELECT vx_snapshot_debug()").CombinedOutput()
			if err != nil || !strings.Contains(string(out), "\nok\n") || !strings.Contains(string(out), "last snapshot: "+want) {
				t.Errorf("%s, %s: got %s%v, want %q", mode, locking, out, err, want)
			}
		}
	}
}
