package docs_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// commandNight runs a script of docs/RECIPES.md that calls the command, on 2001-01-02. In
// the place of a call of the command whose arguments have a word are other commands, in
// which vxsnap "$@" is what the script calls.
func (f folder) commandNight(script, word, spoiled string) (status int, stdout, stderr string) {
	f.Helper()
	command, err := exec.LookPath(filepath.Join(f.dir, "vxsnap"))
	if err != nil {
		f.Fatal(err)
	}
	bin := f.TempDir()
	for name, text := range map[string]string{
		"date":   `PATH=/usr/bin:/bin exec date -d 2001-01-02 "$@"`,
		"vxsnap": `vxsnap() { "$command" "$@"; }; case $1 in '` + word + `') ` + cmp.Or(spoiled, "exit 1") + ` ;; *) vxsnap "$@" ;; esac`,
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			f.Fatal(err)
		}
	}
	cmd := exec.Command("sh", script)
	cmd.Env = append(os.Environ(), "command="+command, "PATH="+bin+":"+os.Getenv("PATH"))
	return f.try(cmd)
}

// A night by the command says nothing, and its backup is whole; what fails says so, and
// leaves the backups that are there, and no database where there was none.
func TestNightByCommand(t *testing.T) {
	for name, c := range map[string]struct {
		before, word, spoiled, after, says string
	}{
		"all is well":             {after: "vxsnap verify " + today + "; [ $(stat -c %a " + today + ") = 600 ]"},
		"the database is missing": {before: "rm app.db", after: "[ ! -e app.db ]; [ ! -e " + today + " ]", says: `^app\.db is missing or empty\n$`},
		"the database is empty":   {before: ": >app.db", after: "[ ! -s app.db ]; [ ! -e " + today + " ]", says: `^app\.db is missing or empty\n$`},
		"the database goes":       {word: "save", spoiled: `rm app.db; vxsnap "$@"`, after: "[ ! -e app.db ]; [ ! -e " + today + " ]", says: `^vxsnap: save: .*app\.db`},
		"the command fails":       {word: "save", spoiled: "echo no >&2; exit 1", after: "[ ! -e " + today + " ]", says: "^no\n$"},
		"a byte is damaged": {
			word: "verify", spoiled: `printf xxxxxxxx | dd of=` + today + ` bs=1 seek=150000 conv=notrunc status=none; vxsnap "$@"`,
			says: `^vxsnap: .*damaged`,
		},
		"a second run of a day": {before: "cp " + yesterday + " " + today, after: "cmp " + yesterday + " " + today, says: `exists, and is not replaced`},
		"a kill": {
			word: "save", spoiled: `strace -f -o /dev/null -e inject=fsync:signal=KILL "$command" "$@"`,
			after: "[ ! -e " + today + " ]; sh night.sh", says: "Killed|^$",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t, "300000", "night.sh")
			f.sh("vxsnap save app.db " + yesterday + " -q; " + sums + " >sums; " + c.before)
			status, stdout, stderr := f.commandNight("night.sh", c.word, c.spoiled)
			if failed := c.says != ""; (status != 0) != failed || stdout != "" || !failed && stderr != "" || !regexp.MustCompile(c.says).MatchString(stderr) {
				t.Errorf("exit status %d, printed %q and %q", status, stdout, stderr)
			}
			f.sh("sha256sum --check --quiet sums; " + c.after)
		})
	}
}

// A night into a store by the command drops old nights only after one that is good.
func TestStoreNightByCommand(t *testing.T) {
	for name, c := range map[string]struct{ before, word, spoiled, says, left string }{
		"all is well":             {left: "4"},
		"the database is missing": {before: "rm app.db", says: `^app\.db is missing or empty\n$`, left: "1,2,3"},
		"the database is empty":   {before: ": >app.db", says: `^app\.db is missing or empty\n$`, left: "1,2,3"},
		"the store is missing":    {before: "mv kept.db away", says: `kept\.db`},
		"the command fails":       {word: "save", spoiled: "echo no >&2; exit 1", says: "^no\n$", left: "1,2,3"},
		"bytes are lost": {
			word: "verify", spoiled: `sqlite3 kept.db 'UPDATE data SET data = zeroblob(4096) WHERE id = 20'; vxsnap "$@"`,
			says: "checksum mismatch", left: "1,2,3,4",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t, "300000", "keep.sh")
			f.sh("vxsnap save app.db --store kept.db --create -q; vxsnap save app.db --store kept.db -q; vxsnap save app.db --store kept.db -q; " + c.before)
			status, stdout, stderr := f.commandNight("keep.sh", c.word, c.spoiled)
			if failed := c.says != ""; (status != 0) != failed || stdout != "" || !failed && stderr != "" || !regexp.MustCompile(c.says).MatchString(stderr) {
				t.Errorf("exit status %d, printed %q and %q", status, stdout, stderr)
			}
			if c.left == "" {
				f.sh("[ ! -e kept.db ]")
			} else if got := strings.TrimSpace(f.sh("sqlite3 kept.db 'SELECT group_concat(n) FROM night'")); got != c.left {
				t.Errorf("nights %s are left, want %s", got, c.left)
			}
		})
	}
}
