package live_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

func writeAll(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(name), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// A base says of a file that it is not there, whatever stands in its way.
func TestBaseDirectory(t *testing.T) {
	dir := t.TempDir()
	writeAll(t, dir, "a", "b/c")
	base, err := live.NewBaseDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"no", "a/c", "b/no", "no/no"} {
		if _, err := base.OpenBase(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := base.OpenBase("b"); err == nil || err.Error() != "not a regular file but a directory" {
		t.Error(err)
	}
	f, err := base.OpenBase("b/c")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.Size(); got != 3 {
		t.Errorf("got %d bytes, want 3", got)
	}
}

// A base directory is where it was when it was named.
func TestBaseDirectoryIsAbsolute(t *testing.T) {
	dir := t.TempDir()
	writeAll(t, dir, "base/a")
	t.Chdir(dir)
	base, err := live.NewBaseDirectory("base")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	f, err := base.OpenBase("a")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

// A directory has its files under every name that it has, and ".." behind a link is beside
// what the link leads to.
func TestBaseDirectoryBehindLinks(t *testing.T) {
	cn := ofDriver(t, connection(t, "sqlite3", ":memory:"))
	dir := t.TempDir()
	writeAll(t, dir, "far/folder/a", "far/near/a", "near/other")
	if err := errors.Join(os.Symlink("far/folder", dir+"/link"), os.Symlink("link", dir+"/second")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	t.Setenv("PWD", dir)
	for name, same := range map[string]string{
		"link": "far/folder", "link/": "far/folder", "second": "far/folder", dir + "/second": "far/folder",
		"link/../near": "far/near", dir + "/second/../near": "far/near", "link/.": "far/folder",
	} {
		got, err := cn.ManifestOfDirectory(name, 512)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := cn.ManifestOfDirectory(same, 512); err != nil || string(got) != string(want) {
			t.Errorf("%s: got %s, want %s, %v", name, got, want, err)
		}
	}
	t.Chdir(dir + "/link")
	t.Setenv("PWD", dir+"/link")
	base, err := live.NewBaseDirectory("../near")
	if err != nil {
		t.Fatal(err)
	}
	f, err := base.OpenBase("a")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

// A journal that is not in use, as PRAGMA journal_mode = PERSIST leaves it, is no journal.
func TestManifestBesideJournals(t *testing.T) {
	dir := t.TempDir()
	conn := connection(t, "sqlite3", dir+"/app.db")
	cn := ofDriver(t, connection(t, "sqlite3", ":memory:"))
	execute(t, conn, "PRAGMA journal_mode = PERSIST", "CREATE TABLE t(a)", "INSERT INTO t VALUES (zeroblob(100000))")
	if info, err := os.Stat(dir + "/app.db-journal"); err != nil || info.Size() == 0 {
		t.Fatal("there is no journal")
	}
	if _, err := cn.ManifestOfDirectory(dir, 512); err != nil {
		t.Error(err)
	}
	execute(t, conn, "PRAGMA cache_size = 1", "PRAGMA cache_spill = 1", "BEGIN", "UPDATE t SET a = randomblob(100000)", "INSERT INTO t VALUES (randomblob(100000))")
	const want = "has the file 'app.db-journal', so that the database beside it is not all in its file; let the transaction end; where the process was killed, read the database once with SQLite, which rolls it back"
	if _, err := cn.ManifestOfDirectory(dir, 512); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Error(err)
	}
	execute(t, conn, "COMMIT")
	if _, err := cn.ManifestOfDirectory(dir, 512); err != nil {
		t.Error(err)
	}
}

// A base that this process has open is read and copied by the system; where that has no
// descriptor tables for threads it is refused.
func TestBaseThatIsOpen(t *testing.T) {
	dir := t.TempDir()
	writeAll(t, dir, "a")
	held, err := os.OpenFile(dir+"/a", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	base, err := live.NewBaseDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	f, err := base.OpenBase("a")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	to, err := os.Create(dir + "/to")
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	system, ok := f.(snapshot.SystemCopier)
	if !ok {
		t.Fatal("nothing copies it")
	}
	if n := system.CopyTo(to, 0, 1); n != 1 {
		t.Errorf("%d bytes were copied, want 1", n)
	}
	if got, err := os.ReadFile(to.Name()); err != nil || string(got) != "a" {
		t.Errorf("%q, %v", got, err)
	}
	defer live.WithoutTables()()
	_, err = base.OpenBase("a")
	if err == nil || !strings.HasSuffix(err.Error(), "/a' is open in this process already, as a database perhaps, whose locks it would lose; close it first, or use a copy of the directory") {
		t.Error(err)
	}
	held.Close()
	alone, err := base.OpenBase("a")
	if err != nil {
		t.Fatal(err)
	}
	alone.Close()
}

// The manifest of a directory has the files whose names a snapshot can have, also through
// links, none that is hidden, and a bound.
func TestManifestOfDirectory(t *testing.T) {
	conn := connection(t, "sqlite3", ":memory:")
	cn := ofDriver(t, conn)
	dir := t.TempDir()
	writeAll(t, dir, "database.db", "b/c", ".hidden/d", "e:f", "z-journal", "elsewhere/g")
	if err := errors.Join(os.Symlink("b/c", dir+"/link"), os.Symlink("b", dir+"/folder"), os.Symlink("no", dir+"/dangling")); err != nil {
		t.Fatal(err)
	}
	blob, err := cn.ManifestOfDirectory(dir, 512)
	if err != nil {
		t.Fatal(err)
	}
	m, err := snapshot.ParseManifest(blob)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range m.Files {
		names = append(names, f.Name)
	}
	if got, want := strings.Join(names, " "), "b/c database.db elsewhere/g link z-journal"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	writeAll(t, dir, "b/c-wal")
	const want = "has the file 'b/c-wal', so that the database beside it is not all in its file; close what uses it, or run PRAGMA wal_checkpoint(TRUNCATE) on it, first"
	if _, err := cn.ManifestOfDirectory(dir, 512); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Error(err)
	}
	many := t.TempDir()
	for i := range snapshot.MaxFiles + 1 {
		if err := os.Link(dir+"/database.db", fmt.Sprintf("%s/%d", many, i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := cn.ManifestOfDirectory(many, 512); err == nil || !strings.HasSuffix(err.Error(), "has more than 10000 files, which no snapshot has; name the one that was restored") {
		t.Error(err)
	}
	large := t.TempDir()
	writeAll(t, large, "a")
	if err := os.Truncate(large+"/a", 512*1000); err != nil {
		t.Fatal(err)
	}
	err = conn.Raw(func(driver any) error {
		driver.(*sqlite3.SQLiteConn).SetLimit(sqlite3.SQLITE_LIMIT_LENGTH, 31_999)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cn.ManifestOfDirectory(large, 512); err == nil || !strings.HasSuffix(err.Error(), "bytes of this connection's SQLITE_LIMIT_LENGTH; use a larger chunk_size than 512") {
		t.Error(err)
	}
}
