package c_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A writer that restarts the WAL while the wal-index is read: nBackfill 0 never
// comes with the header of before, whose frames would then seem not to be in the
// database file yet, and a header of before and after shows as two copies that
// differ.
func TestWALRestartsMeanwhile(t *testing.T) {
	program := filepath.Join(t.TempDir(), "restart")
	if out, err := exec.Command("gcc", "-Wall", "-Wextra", "-O2", "-o", program, "testdata/restart.c", "call.c").CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	for _, c := range []struct{ when, want string }{
		{"backfill", "new new 0"},
		{"barrier", "old new 7"},
	} {
		out, err := exec.Command(program, c.when).CombinedOutput()
		if got := strings.TrimSpace(string(out)); got != c.want || err != nil {
			t.Errorf("a restart at the %s: got %s, %v, want %s", c.when, got, err, c.want)
		}
	}
}
