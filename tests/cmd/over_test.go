package cmd_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"
	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live/over"
	"github.com/vxsnap/vxsnap/snapshot"
)

// rows is how many rows the database has.
func (p *place) rows() string {
	p.Helper()
	return strings.TrimSpace(p.sqlite("app.db", "SELECT count(*) FROM t"))
}

func (p *place) wantRows(what, want string) {
	p.Helper()
	if got := p.rows(); got != want {
		p.Errorf("%s: %s rows, want %s", what, got, want)
	}
}

// before is the one directory with the old files, which it removes.
func (p *place) before() (rows string) {
	p.Helper()
	all, err := filepath.Glob(filepath.Join(p.dir, "app.db.before-*"))
	if err != nil || len(all) != 1 {
		p.Fatalf("there are %q, %v", all, err)
	}
	rows = strings.TrimSpace(p.sqlite(filepath.Join(all[0], "app.db"), "SELECT count(*) FROM t"))
	if err := os.RemoveAll(all[0]); err != nil {
		p.Fatal(err)
	}
	return rows
}

// A snapshot from a file, a store or a pipe takes the place of the database, and the old
// one is aside.
func TestRestoreOver(t *testing.T) {
	p := newPlace(t)
	p.good("save", "app.db", "s.tar.zst")
	p.good("save", "app.db", "--store", "nights.db", "--create")
	p.sqlite("app.db", "DELETE FROM t WHERE id > 10")
	back := func(what string, text string) {
		t.Helper()
		p.wantRows(what, "300")
		if rows := p.before(); rows != "10" || text != "" && !strings.Contains(text, "; the files of before are in "+p.dir) {
			t.Errorf("%s: the old database has %s rows, and it says %q", what, rows, text)
		}
		p.sqlite("app.db", "DELETE FROM t WHERE id > 10")
	}
	back("a file", p.good("restore", "s.tar.zst", "--over", "app.db", "--stopped"))
	back("a store", p.good("restore", "nights.db@1", "--over", "app.db", "--stopped"))
	back("a pipe", p.sh("sh", "-c", "cat s.tar.zst | "+command+" restore - --over app.db --stopped"))
	object := p.object("restore", "s.tar.zst", "--over", "app.db", "--stopped")
	if before, ok := object["before"].(string); !ok || !strings.HasPrefix(before, filepath.Join(p.dir, "app.db.before-")) || object["database"] != filepath.Join(p.dir, "app.db") {
		t.Errorf("got %v", object)
	}
	back("as JSON", "")
	p.has("app.db", "nights.db", "s.tar.zst")
}

// What is refused leaves everything as it was.
func TestRestoreOverRefused(t *testing.T) {
	p := newPlace(t)
	p.good("save", "app.db", "s.tar")
	p.sqlite("app.db", "DELETE FROM t WHERE id > 10")
	if err := os.WriteFile(filepath.Join(p.dir, "bad.tar"), make([]byte, 2048), 0o600); err != nil {
		t.Fatal(err)
	}
	user := exec.Command("sqlite3", filepath.Join(p.dir, "app.db"), "SELECT count(*) FROM t", ".shell touch "+filepath.Join(p.dir, "open")+"; cat >/dev/null")
	in, err := user.StdinPipe()
	if err == nil {
		err = user.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(p.dir, "open")) {
		if err := user.Process.Signal(unix.Signal(0)); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"s.tar", "--over", "app.db", "--stopped"}, 1, "(sqlite3) has database '" + p.dir + "/app.db' open; stop it, and try again"},
		{[]string{"s.tar", "--over", "none.db"}, 1, "there is no database 'none.db' to replace; restore to a directory instead"},
		{[]string{"s.tar", "out", "--over", "app.db"}, 2, "restore takes SOURCE, with --over DB, got 2 arguments"},
		{[]string{"s.tar", "--over", "app.db", "--undo"}, 2, "restore takes no SOURCE, with --over DB --undo, got 1 arguments"},
		{[]string{"s.tar", "out", "--undo"}, 2, "--undo, --stopped and --relative-to go with --over DB"},
	} {
		o := p.run(append([]string{"restore"}, test.args...)...)
		if o.code != test.code || !strings.Contains(o.stderr, test.want) || o.stdout != "" {
			t.Errorf("%q: got %+v, want %d, %s", test.args, o, test.code, test.want)
		}
	}
	in.Close()
	_ = user.Wait()
	if o := p.run("restore", "bad.tar", "--over", "app.db", "--stopped"); o.code != 3 {
		t.Errorf("damaged: got %+v", o)
	}
	p.wantRows("refused", "10")
	p.has("app.db", "s.tar", "bad.tar", "open")
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// A dyingFS does nothing from the link of the database on, as if the machine had stopped.
type dyingFS struct {
	over.FS
	dead bool
}

func (f *dyingFS) Link(string, string) error {
	f.dead = true
	return unix.EIO
}

func (f *dyingFS) Rename(from, to string) error {
	if f.dead {
		return unix.EIO
	}
	return f.FS.Rename(from, to)
}

// Where a restore stopped half-way every command says so, and the next restore or --undo
// brings the old files back.
func TestRestoreOverHalfDone(t *testing.T) {
	p := newPlace(t)
	p.good("save", "app.db", "s.tar")
	p.sqlite("app.db", "DELETE FROM t WHERE id > 10")
	database := filepath.Join(p.dir, "app.db")
	die := func() {
		t.Helper()
		f, err := os.Open(filepath.Join(p.dir, "s.tar"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r := snapshot.NewSavedReader(f, "s.tar", nil, nil)
		defer r.Close()
		_, err = over.Restore(context.Background(), database, over.Saved(r), over.Options{Stopped: true, FS: &dyingFS{FS: over.OS}})
		if !errors.Is(err, over.ErrHalfDone) {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"save", "app.db", "x.tar"}, {"files", "app.db"}} {
			if o := p.run(args...); o.code != 1 || !strings.Contains(o.stderr, "a restore over 'app.db' is going on, or stopped half-way; vxsnap restore --over 'app.db' --undo brings the files of before back: ") {
				t.Errorf("%q: got %+v", args, o)
			}
		}
	}
	die()
	if text, want := p.good("restore", "--over", "app.db", "--undo", "--stopped"), "app.db: an earlier restore was stopped half-way; the files of before are back\n"; text != want {
		t.Errorf("got %q, want %q", text, want)
	}
	p.wantRows("undone", "10")
	if text, want := p.good("restore", "--over", "app.db", "--undo"), "app.db: no restore over it stopped half-way: nothing to do\n"; text != want {
		t.Errorf("got %q, want %q", text, want)
	}
	die()
	if text, want := p.good("restore", "s.tar", "--over", "app.db", "--stopped"), "an earlier restore was stopped half-way; the files of before are back\n"; !strings.HasPrefix(text, want) {
		t.Errorf("got %q, want %q", text, want)
	}
	p.wantRows("restored", "300")
	if rows := p.before(); rows != "10" {
		t.Errorf("the old database has %s rows", rows)
	}
	p.has("app.db", "s.tar")
}
