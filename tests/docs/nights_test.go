package docs_test

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Nights run the recipe for a nightly backup, which is that of docs/RECIPES.md.
type nights struct {
	*testing.T
	dir string
}

const (
	yesterday = "backup-2001-01-01.tar.zst"
	today     = "backup-2001-01-02.tar.zst"
	verdict   = "sqlite3 :memory: '.load ./vxsnap' \"SELECT vx_snapshot_verify(seq, file_name, offset, data, is_last, metadata_json) FROM vx_snapshot_read('" + today + "')\""
)

// newNights makes a directory with app.db, the recipe, and yesterday's backup.
func newNights(t *testing.T) nights {
	t.Helper()
	n := nights{t, pageDir(t)}
	n.recipes("backup.sh")
	n.sh(`sqlite3 app.db 'CREATE TABLE t(a)' "INSERT INTO t VALUES ('first'), (randomblob(300000))"`)
	n.good()
	n.sh("mv " + today + " " + yesterday)
	return n
}

// recipes makes files that docs/RECIPES.md shows.
func (n nights) recipes(names ...string) {
	n.Helper()
	all := sessions(read(n.T, "../../docs/RECIPES.md"))
	for _, name := range names {
		made := 0
		for _, s := range all {
			if strings.HasPrefix(s.command, "cat >"+name+" ") {
				n.sh(s.command)
				made++
			}
		}
		if made != 1 {
			n.Fatalf("%d sessions make %s", made, name)
		}
	}
}

// sh runs a command that must succeed, and gives what it prints.
func (n nights) sh(command string) string {
	n.Helper()
	cmd := exec.Command("sh", "-euc", command)
	cmd.Dir = n.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		n.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

// A spoiled night has commands in the place of the sqlite3 that saves, and of the
// one that verifies; in them sqlite3 "$@" is what the recipe calls, and $path the
// way to a sqlite3 that nothing is done to. Nothing is done where one is empty.
type spoiled struct{ save, verify string }

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
			*vx_snapshot_save*) ` + cmp.Or(s.save, `sqlite3 "$@"`) + ` ;;
			*vx_snapshot_verify*) ` + cmp.Or(s.verify, `sqlite3 "$@"`) + ` ;;
			esac`,
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			n.Fatal(err)
		}
	}
	var out, complaint bytes.Buffer
	cmd := exec.Command("sh", "backup.sh")
	cmd.Dir, cmd.Stdout, cmd.Stderr = n.dir, &out, &complaint
	path := os.Getenv("PATH")
	cmd.Env = append(os.Environ(), "shell="+shell, "path="+path, "PATH="+bin+":"+path)
	if err := cmd.Run(); cmd.ProcessState == nil {
		n.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), complaint.String()
}

// good is a night that nobody spoils: it says nothing, and its backup is whole.
func (n nights) good() {
	n.Helper()
	if status, stdout, stderr := n.run(spoiled{}); status != 0 || stdout+stderr != "" {
		n.Fatalf("exit status %d, printed %q and %q", status, stdout, stderr)
	}
	if got := n.sh(verdict); got != "ok\n" {
		n.Fatalf("today's backup: %s", got)
	}
	if got := n.sh("ls -A"); strings.Contains(got, "new.tar.zst") {
		n.Errorf("left behind:\n%s", got)
	}
}
