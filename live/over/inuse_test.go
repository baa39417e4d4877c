package over_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/live/over"
)

// A user is a process that has the database open: the shell of SQLite.
type user struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startUser(t *testing.T, database string, statements ...string) *user {
	t.Helper()
	u := &user{t: t, cmd: exec.Command("sqlite3", database)}
	var err error
	if u.in, err = u.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := u.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	u.cmd.Stderr = u.cmd.Stdout
	u.out = bufio.NewReader(out)
	if err := u.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.end)
	for _, s := range statements {
		u.ask(s)
	}
	return u
}

// ask gives what a statement prints, errors too.
func (u *user) ask(statement string) (answer string) {
	u.t.Helper()
	if _, err := io.WriteString(u.in, statement+";\n.print =\n"); err != nil {
		u.t.Fatal(err)
	}
	for {
		line, err := u.out.ReadString('\n')
		if err != nil {
			u.t.Fatalf("%s: the shell has ended: %v", statement, err)
		}
		if line == "=\n" {
			return strings.TrimSpace(answer)
		}
		answer += line
	}
}

func (u *user) end() {
	if u.in != nil {
		u.in.Close()
		u.in = nil
		_ = u.cmd.Wait()
	}
}

func (a app) refused(t *testing.T, what string, err error, is string, words ...string) {
	t.Helper()
	if !errors.Is(err, live.ErrInUse) {
		t.Errorf("%s: got %v", what, err)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s: got %v, want %s", what, err, word)
		}
	}
	a.want(t, what, is)
}

// A database that somebody has open is refused, whatever he has done with it, and nothing
// is changed.
func TestInUse(t *testing.T) {
	for _, journal := range []string{"delete", "wal"} {
		for what, statement := range map[string]string{
			"idle":       "SELECT 1",
			"has read":   "SELECT * FROM note",
			"is reading": "BEGIN; SELECT * FROM note",
			"is writing": "BEGIN IMMEDIATE",
		} {
			a := shape{journal: journal}.build(t)
			before := a.left(t)
			u := startUser(t, a.database, "SELECT 1", statement)
			_, err := a.restore(over.Options{})
			u.end()
			a.refused(t, journal+", "+what, err, isOld, "(sqlite3) has database '"+a.database+"' open; stop it, and try again")
			if left := a.left(t); len(left) != len(before) {
				t.Errorf("%s, %s: there are %q", journal, what, left)
			}
		}
	}
}

// A connection of this process counts too, and keeps its locks.
func TestInUseHere(t *testing.T) {
	a := shape{journal: "delete"}.build(t)
	db, err := connect(a.database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	lock(t, conn)
	_, err = a.restore(over.Options{})
	if want := "a connection of this process has database '" + a.database + "' open; stop it, and try again"; !errors.Is(err, live.ErrInUse) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if out, err := exec.Command("sqlite3", a.database, "UPDATE note SET text = 'lost'").CombinedOutput(); err == nil || !strings.Contains(string(out), "locked") {
		t.Errorf("another process wrote through the lock: %s, %v", out, err)
	}
}

func lock(t *testing.T, conn *sql.Conn) {
	t.Helper()
	if _, err := conn.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
}

// at calls do ahead of the first operation that begins and ends so.
func at(begin, end string, do func() error) over.FS {
	done := false
	return &steppedFS{FS: over.OS, before: func(operation string) error {
		if done || !strings.HasPrefix(operation, begin) || !strings.HasSuffix(operation, end) {
			return nil
		}
		done = true
		return do()
	}}
}

// Somebody who comes while files are replaced reads all old, all new, or nothing.
func TestComesMeanwhile(t *testing.T) {
	for _, test := range []struct {
		what, begin, end, first string
		refused                 bool
		reads, is               string
	}{
		{"before the barrier, and reads", "rename ", "-journal", "SELECT * FROM note", true, "old", isOld},
		{"before the barrier, and waits", "rename ", "-journal", "SELECT 1", true, "old", isOld},
		{"behind the barrier", "link ", "app.db", "SELECT * FROM note", true, "old", isOld},
		{"before the database has its name", "rename ", "/data/app.db", "SELECT 1", true, "old", isOld},
		{"when it has its name", "syncdir ", "/data", "SELECT 1", false, "new", isNew},
		{"before the barrier is lifted", "rename @-journal to", "Z", "SELECT * FROM note", false, "new", isNew},
	} {
		for _, journal := range []string{"delete", "wal"} {
			a := shape{journal: journal}.build(t)
			var u *user
			count := 0
			disk := at(strings.ReplaceAll(test.begin, "@", a.database), test.end, func() error {
				u = startUser(t, a.database)
				if got := u.ask(test.first); got != "1" && got != "old" && !strings.Contains(got, "disk I/O error") {
					t.Errorf("%s: he reads %s", test.what, got)
				}
				return nil
			})
			if test.begin == "syncdir " { // the first after the renames
				disk = &steppedFS{FS: over.OS, before: func(operation string) error {
					if count++; u == nil && strings.HasPrefix(operation, "rename ") && strings.HasSuffix(operation, " to "+a.database) {
						count = -1
					}
					if count == 0 {
						u = startUser(t, a.database, "SELECT 1")
					}
					return nil
				}}
			}
			_, err := a.restore(over.Options{FS: disk})
			if u == nil {
				t.Fatalf("%s: nobody came", test.what)
			}
			if got := u.ask("SELECT * FROM note"); got != test.reads {
				t.Errorf("%s: he reads %s, want %s", test.what, got, test.reads)
			}
			u.end()
			if test.refused {
				a.refused(t, test.what, err, test.is, "(sqlite3)")
			} else if err != nil {
				t.Errorf("%s: %v", test.what, err)
			}
			a.want(t, test.what, test.is)
		}
	}
}

// Somebody has opened the new file, and another step fails: to take the file away from
// under him would be wrong, so nobody reads anything until he has gone.
func TestNewFileIsInUse(t *testing.T) {
	a := shape{journal: "delete"}.build(t)
	var u *user
	disk := at("rename "+a.database+"-journal to", "Z", func() error {
		u = startUser(t, a.database, "SELECT 1")
		return unix.EIO
	})
	_, err := a.restore(over.Options{FS: disk})
	if !errors.Is(err, over.ErrHalfDone) || !errors.Is(err, live.ErrInUse) || !errors.Is(err, unix.EIO) {
		t.Fatalf("got %v", err)
	}
	if got := u.ask("SELECT * FROM note"); !strings.Contains(got, "disk I/O error") {
		t.Errorf("he reads %s", got)
	}
	a.want(t, "half done", isError)
	if found, err := over.Recover(context.Background(), a.database, over.Options{Stopped: true}); !errors.Is(err, over.ErrHalfDone) || !errors.Is(err, live.ErrInUse) || found != over.FoundHalfDone {
		t.Errorf("got %q, %v", found, err)
	}
	u.end()
	if found, err := over.Recover(context.Background(), a.database, over.Options{Stopped: true}); err != nil || found != over.FoundHalfDone {
		t.Errorf("got %q, %v", found, err)
	}
	a.want(t, "brought back", isOld)
}
