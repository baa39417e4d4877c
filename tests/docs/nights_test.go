package docs_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Nights run a recipe for a nightly backup, a script that docs/RECIPES.md shows.
type nights struct {
	folder
	script string
}

const (
	yesterday = "backup-2001-01-01.tar.zst"
	today     = "backup-2001-01-02.tar.zst"
)

// newNights makes a directory with app.db, the recipe, and yesterday's backup.
func newNights(t *testing.T) nights {
	t.Helper()
	n := nights{newFolder(t, "300000", "backup.sh"), "backup.sh"}
	n.good()
	n.sh("mv " + today + " " + yesterday)
	return n
}

// A spoiled night has commands in the place of the sqlite3 that saves, of the one
// that verifies, and of the one that prunes; in them sqlite3 "$@" is what the recipe calls, and $path the
// way to a sqlite3 that nothing is done to. Nothing is done where one is empty.
type spoiled struct{ save, verify, prune string }

// run is a night of 2001-01-02. It gives the exit status, -1 of one that was killed,
// and what was printed, when all that was started has ended.
func (n nights) run(s spoiled) (status int, stdout, stderr string) {
	n.Helper()
	shell, err := exec.LookPath("sqlite3")
	if err != nil {
		n.Fatal(err)
	}
	bin := n.TempDir()
	for name, script := range map[string]string{
		"date": `PATH=$path exec date -d 2001-01-02 "$@"`,
		"sqlite3": `sqlite3() { "$shell" "$@"; }
			case $* in
			*vx_snapshot_save* | *store.save*) ` + cmp.Or(s.save, `sqlite3 "$@"`) + ` ;;
			*vx_snapshot_verify*) ` + cmp.Or(s.verify, `sqlite3 "$@"`) + ` ;;
			*prune*) ` + cmp.Or(s.prune, `sqlite3 "$@"`) + ` ;;
			esac`,
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			n.Fatal(err)
		}
	}
	cmd := exec.Command("sh", n.script)
	path := os.Getenv("PATH")
	cmd.Env = append(os.Environ(), "shell="+shell, "path="+path, "PATH="+bin+":"+path)
	return n.try(cmd)
}

// verified is what verify says of a saved file.
func (f folder) verified(path string) string {
	f.Helper()
	return f.sh(`sqlite3 -bail :memory: '.load ./vxsnap' \
		"SELECT vx_snapshot_verify(seq, file_name, offset, data, is_last, metadata_json) FROM vx_snapshot_read('` + path + `')"`)
}

// good is a night that nobody spoils: it says nothing, and its backup is whole.
func (n nights) good() {
	n.Helper()
	if status, stdout, stderr := n.run(spoiled{}); status != 0 || stdout+stderr != "" {
		n.Fatalf("exit status %d, printed %q and %q", status, stdout, stderr)
	}
	if n.script != "backup.sh" {
		return // the script itself has verified it last
	}
	if got := n.verified(today); got != "ok\n" {
		n.Fatalf("today's backup: %s", got)
	}
	if got := n.sh("ls -A"); strings.Contains(got, "new.tar.zst") {
		n.Errorf("left behind:\n%s", got)
	}
}
