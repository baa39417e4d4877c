package over_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/live/over"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/store"
)

// unchanged checks that a restore was refused, and has changed nothing.
func (a app) unchanged(t *testing.T, what string, before []string, err, kind error, want string) {
	t.Helper()
	want = strings.ReplaceAll(strings.ReplaceAll(want, "@", a.database), "~", a.far)
	if !errors.Is(err, kind) || !strings.Contains(fmt.Sprint(err), want) {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
	if left := a.left(t); !slices.Equal(left, before) {
		t.Errorf("%s: there are %q, want %q", what, left, before)
	}
}

func (a app) restored(t *testing.T, what string, opt over.Options, is string) *over.Result {
	t.Helper()
	r, err := a.restore(opt)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	a.want(t, what, is)
	return r
}

// What a schema or a user may ask for and cannot have.
func TestRefused(t *testing.T) {
	for _, test := range []struct {
		what    string
		prepare func(t *testing.T, a *app)
		opt     over.Options
		kind    error
		want    string
	}{
		{"no database", func(t *testing.T, a *app) { a.database = filepath.Join(a.far, "none.db") }, over.Options{}, over.ErrDatabase,
			"there is no database '@' to replace; restore to a directory instead"},
		{"no name", func(t *testing.T, a *app) { a.database = "" }, over.Options{}, over.ErrDatabase, "'' is not the name of a database"},
		{"a folder", func(t *testing.T, a *app) { a.database = a.far }, over.Options{}, over.ErrDatabase, "'@' is not a regular file"},
		{"a relative path", func(t *testing.T, a *app) { a.declare(t, "docs", "docs.idx") }, over.Options{}, over.ErrDatabase,
			"table 'docs' declares its index file as 'docs.idx', from the directory in which the application runs; name that directory (--relative-to, or RelativeTo in Go)"},
		{"a folder that is gone", func(t *testing.T, a *app) { a.declare(t, "docs", "/none/docs.idx") }, over.Options{}, over.ErrDatabase,
			"index file '/none/docs.idx' of table 'docs': no such file or directory; make its directory, or mend the link"},
		{"somebody's file", func(t *testing.T, a *app) {
			path := filepath.Join(a.far, "somebodys")
			write(t, path, "his text")
			a.declare(t, "docs", path)
		}, over.Options{}, over.ErrDatabase, "index file '~/somebodys' of table 'docs': not an hnswlib index: it has 8 bytes, its header alone has 96; move it away, and restore again"},
		{"a folder as index", func(t *testing.T, a *app) { a.declare(t, "docs", a.far) }, over.Options{}, over.ErrDatabase,
			"index file '~' of table 'docs': it is not a regular file; move it away, and restore again"},
		{"the database", func(t *testing.T, a *app) { a.declare(t, "docs", a.database) }, over.Options{}, over.ErrDatabase,
			"table 'docs' declares '@' as its index file, which belongs to the database itself"},
		{"its WAL", func(t *testing.T, a *app) { a.declare(t, "docs", a.database+"-wal") }, over.Options{}, over.ErrDatabase,
			"table 'docs' declares '@-wal' as its index file, which belongs to the database itself"},
		{"two tables", func(t *testing.T, a *app) { a.declare(t, "docs", filepath.Join(filepath.Dir(a.database), "near.idx")) }, over.Options{}, over.ErrDatabase,
			"of the snapshot would have the same index file '"},
		{"a file of that name", func(t *testing.T, a *app) { write(t, a.database+".restoring", "mine") }, over.Options{}, over.ErrDatabase,
			"'@.restoring' is in the way of the new files; remove it"},
		{"what is in the way", func(t *testing.T, a *app) { write(t, filepath.Join(a.far, "docs.idx.restoring"), "mine") }, over.Options{}, over.ErrDatabase,
			"'~/docs.idx.restoring' is in the way of the new index file; remove it"},
		{"two names", func(t *testing.T, a *app) { link(t, a.database, filepath.Join(a.far, "other.db")) }, over.Options{}, over.ErrDatabase,
			"database '@' has 2 names (hard links), of which one would lead to the new file; remove the others"},
		{"a path that is no text", func(t *testing.T, a *app) { rename(t, &a.database, a.database+"\xff") }, over.Options{}, over.ErrDatabase,
			"is not in UTF-8; give the file another name"},
		{"a damaged snapshot", func(t *testing.T, a *app) { write(t, a.saved, "none") }, over.Options{}, snapshot.ErrIncomplete, "restore over '@': '"},
		{"a folder as journal", func(t *testing.T, a *app) { mkdir(t, a.database+"-journal") }, over.Options{}, over.ErrHalfDone,
			"'@-journal' is a directory, so that nobody can open the database, and has no plan that can be read"},
		{"a folder of that name", func(t *testing.T, a *app) {
			mkdir(t, a.database+".restoring")
			write(t, a.database+".restoring/mine", "")
		}, over.Options{}, nil,
			"'@.restoring' could not be removed: 'mine' in it is not of a restore; remove it"},
	} {
		a := shape{journal: "delete"}.build(t)
		was := a
		test.prepare(t, &a)
		before := was.left(t)
		_, err := a.restore(test.opt)
		was.far = a.far
		kind := test.kind
		if kind == nil {
			kind = err
		}
		was.unchanged(t, test.what, before, err, kind, strings.ReplaceAll(test.want, "@", a.database))
	}
}

// declare lets the schema of the database name another index file.
func (a app) declare(t *testing.T, table, path string) {
	t.Helper()
	sql := fmt.Sprintf("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, rtrim(substr(sql, instr(sql, '''')), ')'), '''%s''') WHERE name = '%s'", path, table)
	if out, err := exec.Command("sqlite3", a.database, sql).CombinedOutput(); err != nil {
		t.Fatalf("%s: %s", out, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, path, name string) {
	t.Helper()
	if err := os.Link(path, name); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, path *string, name string) {
	t.Helper()
	if err := os.Rename(*path, name); err != nil {
		t.Fatal(err)
	}
	*path = name
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

// A relative path stays as it is declared, and is taken from where the application runs.
func TestRelativePath(t *testing.T) {
	a := shape{journal: "delete"}.build(t)
	a.declare(t, "docs", "docs.idx")
	t.Chdir(t.TempDir()) // where vectorlite makes an empty one
	a.restored(t, "relative", over.Options{RelativeTo: a.far}, "note new, docs 0, near 3")
	t.Chdir(a.far)
	a.want(t, "where the application runs", isNew)
}

// Symbolic links stay, and what they lead to is replaced.
func TestLinks(t *testing.T) {
	a := shape{journal: "wal"}.build(t)
	real := filepath.Join(a.far, "real.idx")
	docs := filepath.Join(a.far, "docs.idx")
	link := filepath.Join(t.TempDir(), "link.db")
	if err := errors.Join(os.Rename(docs, real), os.Symlink("real.idx", docs), os.Symlink(a.database, link)); err != nil {
		t.Fatal(err)
	}
	linked := a
	linked.database = link
	r := linked.restored(t, "links", over.Options{}, isNew)
	a.want(t, "by its name", isNew)
	for _, path := range []string{docs, link} {
		if _, err := os.Readlink(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if r.Database != a.database || filepath.Dir(r.Before) != filepath.Dir(a.database) {
		t.Errorf("got %+v", r)
	}
}

// An empty file is a database too, and all tables are new.
func TestEmptyDatabase(t *testing.T) {
	a := shape{journal: "delete"}.build(t)
	write(t, a.database, "")
	for _, index := range []string{"docs.idx", "late.idx"} {
		if err := os.Remove(filepath.Join(a.far, index)); err != nil {
			t.Fatal(err)
		}
	}
	if r := a.restored(t, "empty", over.Options{}, isNew); r.Unreadable {
		t.Errorf("got %+v", r)
	}
}

// Names that a plan has itself are no index's, and two restores in one second have
// directories of their own.
func TestIndexNamedAsPlan(t *testing.T) {
	for _, name := range []string{"plan.json", "new"} {
		a := shape{journal: "delete"}.build(t)
		path := filepath.Join(filepath.Dir(a.database), name)
		if err := os.Rename(filepath.Join(a.far, "docs.idx"), path); err != nil {
			t.Fatal(err)
		}
		a.declare(t, "docs", path)
		befores := make(map[string]bool)
		for range 3 {
			r := a.restored(t, name, over.Options{}, isNew)
			if _, err := os.Stat(path + strings.TrimPrefix(r.Before, a.database)); err != nil {
				t.Error(err)
			}
			befores[r.Before] = true
		}
		if len(befores) != 3 {
			t.Errorf("%s: the old files are in %v", name, befores)
		}
	}
}

// A table that the old database has not gets its file beside the database.
func TestNewTable(t *testing.T) {
	a := shape{journal: "delete"}.build(t)
	a.run(t, "DROP TABLE docs")
	a.restored(t, "a table that was dropped", over.Options{}, isNew)
	if _, err := os.Stat(filepath.Join(filepath.Dir(a.database), "docs.idx")); err != nil {
		t.Error(err)
	}
}

// A snapshot without index files leaves the old ones to no table.
func TestNoIndexFiles(t *testing.T) {
	a := shape{journal: "delete"}.build(t)
	a.saveWith(t, live.IndexNone)
	a.restored(t, "none", over.Options{}, "note old, docs 0, near 0, late 0")
}

// A database that cannot be read is set aside as it is, with its WAL or its journal, and
// its index files stay.
func TestDamagedDatabase(t *testing.T) {
	for _, suffix := range []string{"-wal", "-journal", ""} {
		a := shape{journal: "delete"}.build(t)
		write(t, a.database, strings.Repeat("no database at all ", 1000))
		if suffix != "" {
			write(t, a.database+suffix, strings.Repeat("what it has ", 1000))
		}
		r := a.restored(t, "damaged"+suffix, over.Options{}, isNew)
		if !r.Unreadable {
			t.Errorf("%s: got %+v", suffix, r)
		}
		for _, name := range []string{"app.db", "app.db" + suffix} {
			if text, err := os.ReadFile(filepath.Join(r.Before, name)); err != nil || len(text) < 12000 {
				t.Errorf("%s: %s has %d bytes, %v", suffix, name, len(text), err)
			}
		}
		if _, err := os.Lstat(filepath.Join(a.far, "late.idx")); err != nil {
			t.Error(err)
		}
	}
}

// A database whose schema has damage is set aside too.
func TestDamagedSchema(t *testing.T) {
	for what, damage := range map[string]string{
		"its page":      "xx",
		"a declaration": "",
	} {
		a := shape{journal: "wal"}.build(t)
		if damage == "" {
			a.declare(t, "docs", "'' -- not closed")
			if out, err := exec.Command("sqlite3", a.database, "PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET sql = substr(sql, 1, 60) WHERE name = 'docs'").CombinedOutput(); err != nil {
				t.Fatalf("%s, %v", out, err)
			}
		} else {
			f, err := os.OpenFile(a.database, os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteAt([]byte(damage), 100)
				f.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if r := a.restored(t, what, over.Options{}, isNew); !r.Unreadable {
			t.Errorf("%s: got %+v", what, r)
		}
	}
}

// A journal that a killed writer left is rolled back into the old database, or set aside.
func TestHotJournal(t *testing.T) {
	a := shape{journal: "delete"}.build(t)
	out, err := exec.Command("sqlite3", a.database, "PRAGMA cache_size = 1", "PRAGMA cache_spill = 1", "BEGIN", "UPDATE note SET text = 'torn'",
		"CREATE TABLE big(b)", "INSERT INTO big SELECT randomblob(2000) FROM sqlite_schema a, sqlite_schema b, sqlite_schema c", ".shell kill -9 $PPID").CombinedOutput()
	if _, stat := os.Stat(a.database + "-journal"); stat != nil || err == nil {
		t.Fatalf("no journal is left: %s, %v", out, stat)
	}
	r := a.restored(t, "hot", over.Options{}, isNew)
	goBack(t, a, r)
	a.want(t, "by hand", isOld)
}

// What a flush that was killed has left would be taken for the file of before of the new
// one.
func TestInterruptedFlush(t *testing.T) {
	a := shape{journal: "delete"}.build(t)
	docs := filepath.Join(a.far, "docs.idx")
	if err := os.Rename(docs, live.FlushAside(docs)); err != nil {
		t.Fatal(err)
	}
	write(t, docs, "half written")
	a.restored(t, "interrupted", over.Options{}, isNew)
	if _, err := os.Lstat(live.FlushAside(docs)); err == nil {
		t.Error("the file of before is still there")
	}
}

// Only one restore over a database goes on at a time.
func TestTwoAtOnce(t *testing.T) {
	for _, operation := range []string{"create ", "link ", "syncdir "} {
		a := shape{journal: "delete"}.build(t)
		var second error
		_, err := a.restore(over.Options{FS: at(operation, "", func() error {
			_, second = a.restore(over.Options{})
			_, recovered := over.Recover(context.Background(), a.database, over.Options{Stopped: true})
			if !errors.Is(recovered, over.ErrRunning) {
				t.Errorf("%s: Recover: %v", operation, recovered)
			}
			return nil
		})})
		if err != nil || !errors.Is(second, over.ErrRunning) {
			t.Errorf("%s: got %v and %v", operation, err, second)
		}
		a.want(t, operation, isNew)
	}
}

// Progress has all bytes at the end, in steps of a megabyte.
func TestProgress(t *testing.T) {
	a := shape{journal: "delete"}.build(t)
	a.run(t, "CREATE TABLE big(b)", "INSERT INTO big VALUES (zeroblob(5000000))")
	a.save(t)
	var told []int64
	r := a.restored(t, "progress", over.Options{Progress: func(done, total int64) { told = append(told, done, total) }}, isOld)
	n, total := len(told), r.Metadata.TotalSize
	if n < 8 || n > 14 || told[n-2] != total || !slices.IsSorted(slices.DeleteFunc(slices.Clone(told), func(b int64) bool { return b == total })) {
		t.Errorf("of %d bytes it told %d", total, told)
	}
}

// A context ends it until files are replaced.
func TestContext(t *testing.T) {
	for _, operation := range []string{"create ", "sync "} {
		a := shape{journal: "delete"}.build(t)
		before := a.left(t)
		ctx, cancel := context.WithCancel(context.Background())
		f, err := os.Open(a.saved)
		if err != nil {
			t.Fatal(err)
		}
		r := snapshot.NewSavedReader(f, a.saved, nil, nil)
		_, err = over.Restore(ctx, a.database, over.Saved(r), over.Options{Stopped: true, FS: at(operation, "", func() error { cancel(); return nil })})
		r.Close()
		f.Close()
		a.unchanged(t, operation, before, err, context.Canceled, "")
		a.want(t, operation, isOld)
	}
}

// A night of a store.
func TestStore(t *testing.T) {
	a := shape{journal: "delete"}.build(t)
	a.restored(t, "back to the snapshot", over.Options{}, isNew)
	s, err := store.Create(filepath.Join(t.TempDir(), "nights.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db, err := connect(a.database)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	err = conn.Raw(func(driver any) error {
		cn, err := live.OfDriver(driver)
		if err == nil {
			_, err = s.Save(ctx, cn, "main", live.IndexDisk)
		}
		return err
	})
	if err = errors.Join(err, conn.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	a.run(t, "DELETE FROM note", vectors("docs", 3, 7))
	rows := func(add func(*snapshot.Row) error) error { return s.Rows(ctx, 1, add) }
	if _, err := over.Restore(ctx, a.database, rows, over.Options{Stopped: true}); err != nil {
		t.Fatal(err)
	}
	a.want(t, "a night", isNew)
}
