package docs_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A folder is where scripts run that a page shows.
type folder struct {
	*testing.T
	dir string
}

// newFolder makes a directory with app.db, whose random bytes are that many, and with
// scripts of docs/RECIPES.md.
func newFolder(t *testing.T, random string, names ...string) folder {
	t.Helper()
	f := folder{t, pageDir(t)}
	f.shown("RECIPES.md", names...)
	f.sh(`sqlite3 app.db 'CREATE TABLE t(a)' "INSERT INTO t VALUES ('first'), (randomblob(` + random + `))"`)
	return f
}

// shown makes files that a page shows.
func (f folder) shown(page string, names ...string) {
	f.Helper()
	all := sessions(read(f.T, "../../docs/"+page))
	for _, name := range names {
		made := 0
		for _, s := range all {
			if strings.HasPrefix(s.command, "cat >"+name+" ") {
				f.sh(s.command)
				made++
			}
		}
		if made != 1 {
			f.Fatalf("%d sessions of %s make %s", made, page, name)
		}
	}
}

// shownStore makes the store of the recipes.
func (f folder) shownStore() {
	f.Helper()
	for _, s := range sessions(read(f.T, "../../docs/RECIPES.md")) {
		if strings.Contains(s.command, "store.sql") {
			f.sh(s.command)
		}
	}
}

// sh runs a command that must succeed, and gives what it prints.
func (f folder) sh(command string) string {
	f.Helper()
	status, stdout, stderr := f.try(exec.Command("sh", "-euc", command))
	if status != 0 {
		f.Fatalf("%s: exit status %d\n%s%s", command, status, stdout, stderr)
	}
	return stdout + stderr
}

// fails runs a command that must fail and say a text.
func (f folder) fails(command, says string) {
	f.Helper()
	status, stdout, stderr := f.try(exec.Command("sh", "-euc", command))
	if status == 0 || !strings.Contains(stderr, says) {
		f.Errorf("%s: exit status %d, printed %q and %q, want %q", command, status, stdout, stderr, says)
	}
}

// try runs a command in the folder. The exit status is -1 of one that was killed.
func (f folder) try(cmd *exec.Cmd) (status int, stdout, stderr string) {
	f.Helper()
	var out, complaint bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = f.dir, &out, &complaint
	if cmd.Env == nil {
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PATH="+f.dir+":"+os.Getenv("PATH"))
	}
	if err := cmd.Run(); cmd.ProcessState == nil {
		f.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), complaint.String()
}
