// Package cmd_test runs the command vxsnap, as make command builds it, as its users
// do: by its arguments, what it prints, its exit code, and what is on the disk then.
package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

var command string // the path of the binary

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "command-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		command = filepath.Join(dir, "vxsnap")
		if out, err := exec.Command("make", "-s", "-C", "../..", "command", "OUT="+command).CombinedOutput(); err != nil || len(out) > 0 {
			fmt.Printf("make command: %v\n%s", err, out) // no warning either
			return 1
		}
		hear()
		return m.Run()
	}())
}

// hear takes back what ignores signals in this process, such as nohup: the command would
// inherit it, and ignore them too.
func hear() {
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

// A place is a directory with a database, app.db, of 300 rows and some megabytes.
type place struct {
	*testing.T
	dir string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t, t.TempDir()}
	p.sqlite("app.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)",
		"INSERT INTO t(b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT randomblob(20000) FROM n")
	return p
}

// sqlite runs statements in the sqlite3 shell.
func (p *place) sqlite(args ...string) string {
	p.Helper()
	return p.sh("sqlite3", append([]string{"-bail"}, args...)...)
}

func (p *place) sh(name string, args ...string) string {
	p.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = p.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// An outcome is what a run of the command did.
type outcome struct {
	code           int // -1: a signal ended it
	stdout, stderr string
}

// start prepares a run of the command.
func (p *place) start(args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	cmd = exec.Command(command, args...)
	cmd.Dir = p.dir
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// run runs the command.
func (p *place) run(args ...string) outcome {
	p.Helper()
	cmd, stdout, stderr := p.start(args...)
	return p.ended(cmd, cmd.Run(), stdout, stderr)
}

func (p *place) ended(cmd *exec.Cmd, err error, stdout, stderr *bytes.Buffer) outcome {
	p.Helper()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		p.Fatal(err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// good runs the command, which must succeed and say nothing on standard error.
func (p *place) good(args ...string) string {
	p.Helper()
	o := p.run(args...)
	if o.code != 0 || o.stderr != "" {
		p.Fatalf("vxsnap %q: exit code %d, printed %q", args, o.code, o.stderr)
	}
	return o.stdout
}

// object runs the command with --json, which must print one object.
func (p *place) object(args ...string) (object map[string]any) {
	p.Helper()
	text := p.good(append(args, "--json")...)
	if err := json.Unmarshal([]byte(text), &object); err != nil || strings.Count(text, "\n") != 1 {
		p.Fatalf("vxsnap %q printed %q: %v", args, text, err)
	}
	return object
}

// names lists what is in the place, hidden names too.
func (p *place) names() []string {
	p.Helper()
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		p.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// has says what must be in the place, and nothing else.
func (p *place) has(want ...string) {
	p.Helper()
	slices.Sort(want)
	if got := p.names(); !slices.Equal(got, want) {
		p.Errorf("there is %q, want %q", got, want)
	}
}

// same says that a restored database is the one of the place, byte for byte.
func (p *place) same(restored string) {
	p.Helper()
	want, err := os.ReadFile(filepath.Join(p.dir, "app.db"))
	if err != nil {
		p.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(p.dir, restored, "database.db"))
	if err != nil {
		p.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		p.Errorf("%s is not the database that was saved", restored)
	}
}

// fails says that an outcome is a failure with an exit code, no output, and one line
// on standard error.
func (p *place) fails(o outcome, code int, says string) {
	p.Helper()
	if o.code != code || o.stdout != "" || !strings.HasPrefix(o.stderr, "vxsnap: ") || strings.Count(o.stderr, "\n") != 1 ||
		!strings.HasSuffix(o.stderr, "\n") || !strings.Contains(o.stderr, says) {
		p.Errorf("exit code %d, printed %q and %q, want %d and one line with %q", o.code, o.stdout, o.stderr, code, says)
	}
}
