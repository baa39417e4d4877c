package vxsnap_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
	"golang.org/x/sys/unix"
)

// smallDisk mounts a file system of a few kilobytes.
func smallDisk(t *testing.T, kilobytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dk", kilobytes)); err != nil {
		t.Fatalf("mount a small tmpfs (this test runs as root): %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

func empty(t *testing.T, dir string) {
	t.Helper()
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("left behind in %s: %v %v", dir, names, err)
	}
}

// A disk that fills up under the spool, under a verify of rows that are not in
// order, and under a restore: SQLITE_FULL, and nothing is left.
func TestFullDisk(t *testing.T) {
	conn := open(t, ":memory:")
	run(t, conn, "CREATE TABLE t(a, b)", fill, fill, fill)
	run(t, conn, "ATTACH ':memory:' AS store", "CREATE TABLE store.snap AS SELECT * FROM vx_snapshot_chunks(512)")
	disk := smallDisk(t, 48)
	t.Setenv("SQLITE_TMPDIR", disk)
	for _, query := range []string{
		"SELECT count(*) FROM vx_snapshot_chunks",
		"SELECT vx_snapshot_verify(" + rowColumns + ") FROM (SELECT * FROM store.snap ORDER BY seq DESC)",
		"SELECT vx_snapshot_restore('" + disk + "/out', " + rowColumns + ") FROM store.snap",
		"SELECT vx_snapshot_restore('" + disk + "/out', " + rowColumns + ") FROM (SELECT * FROM store.snap ORDER BY seq DESC)",
	} {
		_, err := tryText(conn, query)
		var e sqlite3.Error
		if !errors.As(err, &e) || e.Code != sqlite3.ErrFull {
			t.Errorf("%s: got %v, want SQLITE_FULL", query, err)
		}
		empty(t, disk)
	}
	// With room again, the same queries succeed.
	if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT, "size=10m"); err != nil {
		t.Fatal(err)
	}
	if got := text(t, conn, "SELECT vx_snapshot_verify("+rowColumns+") FROM (SELECT * FROM store.snap ORDER BY seq DESC)"); got != "ok" {
		t.Errorf("verify: %s", got)
	}
	text(t, conn, "SELECT vx_snapshot_restore('"+disk+"/out', "+rowColumns+") FROM store.snap")
}

// A disk that fills up under a save: SQLITE_FULL, and nothing is left.
func TestFullDiskOfSave(t *testing.T) {
	conn := open(t, filepath.Join(t.TempDir(), "live.db"))
	run(t, conn, "CREATE TABLE t(a, b)", fill, fill, fill)
	disk := smallDisk(t, 48)
	for _, name := range []string{"a.tar", "a.tar.zst"} {
		_, err := tryText(conn, "SELECT vx_snapshot_save(?)", filepath.Join(disk, name))
		var e sqlite3.Error
		if want := "no space left on device; make room there and run the query again"; !errors.As(err, &e) || e.Code != sqlite3.ErrFull || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want SQLITE_FULL", name, err)
		}
		empty(t, disk)
	}
	if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT, "size=10m"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.tar", "a.tar.zst"} {
		text(t, conn, "SELECT vx_snapshot_save(?)", filepath.Join(disk, name))
		if got := text(t, conn, verifyOf+"vx_snapshot_read(?)", filepath.Join(disk, name)); got != "ok" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Limits of the process: the size of files, and how many may be open. The
// descriptors that are free are those from a number up to the limit.
func TestResourceLimits(t *testing.T) {
	dir := t.TempDir()
	file, store := filepath.Join(dir, "live.db"), filepath.Join(dir, "store.db")
	conn := open(t, file)
	run(t, conn, "CREATE TABLE t(a, b)", fill, fill, fill, "ATTACH '"+store+"' AS store",
		"CREATE TABLE store.snap AS SELECT * FROM vx_snapshot_chunks(5000)")
	out, kept := filepath.Join(dir, "out"), filepath.Join(dir, "kept.tar.zst")
	text(t, conn, "SELECT vx_snapshot_save(?)", kept)
	restore := "SELECT vx_snapshot_restore('" + out + "', " + rowColumns + ") FROM snap"
	for _, test := range []struct{ limit, database, query, want string }{
		{"trap '' XFSZ; ulimit -f 10", store, restore, "vx_snapshot_restore: write database.db at offset"},
		{"trap '' XFSZ; ulimit -f 10", file, "SELECT vx_snapshot_save('" + out + ".tar')", "vx_snapshot_save: write a tar stream: write '"},
		{"trap '' XFSZ; ulimit -f 10", file, "SELECT vx_snapshot_save('" + out + ".tar.zst')", "': file too large (10)"},
		{"ulimit -n 8", store, restore, "vxsnap: 8 file descriptors must be free to load it: too many open files; raise the limit (ulimit -n)"},
	} {
		got, err := limited(test.limit, test.database, test.query)
		if err == nil || !strings.Contains(got, test.want) {
			t.Errorf("%s, %s: got %s%v, want %s", test.limit, test.query, got, err, test.want)
		}
	}
	// As many descriptors as there may be: an error or success, never a crash.
	refused := 0
	for n := 12; n < 40; n++ {
		for _, q := range [][2]string{{store, restore}, {file, "SELECT sum(length(data)) FROM vx_snapshot_chunks"},
			{store, "SELECT vx_snapshot_verify(" + rowColumns + ") FROM (SELECT * FROM snap ORDER BY seq DESC)"},
			{file, "SELECT vx_snapshot_save('" + out + ".tar.zst')"}, {file, "SELECT count(*) FROM vx_snapshot_read('" + kept + "')"}} {
			got, err := limited(fmt.Sprintf("ulimit -n %d", n), q[0], q[1])
			if err != nil {
				refused++
				if e := new(exec.ExitError); !errors.As(err, &e) || e.ExitCode() != 1 {
					t.Fatalf("%d descriptors, %s: %s%v", n, q[1], got, err)
				}
			} else {
				_ = os.RemoveAll(out)
				_ = os.Remove(out + ".tar.zst")
			}
			names, _ := filepath.Glob(filepath.Join(dir, "*out*"))
			hidden, _ := filepath.Glob(filepath.Join(dir, ".*"))
			if len(names)+len(hidden) > 0 {
				t.Fatalf("%d descriptors: left behind: %v %v", n, names, hidden)
			}
		}
	}
	if refused == 0 {
		t.Error("no limit was too low: this tested nothing")
	}
	text(t, conn, "SELECT vx_snapshot_restore('"+out+"', "+rowColumns+") FROM store.snap")
}

// limited runs a query in a shell under a limit.
func limited(limit, database, query string) (string, error) {
	cmd := exec.Command("bash", "-c", limit+"; exec sqlite3 -batch "+database+" '.load "+library+"' \"$QUERY\"")
	cmd.Env = append(os.Environ(), "QUERY="+query)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// The staging directory is removed while rows are written into it.
func TestStagingIsRemovedHalfWay(t *testing.T) {
	dir := t.TempDir()
	remove := func(seq int64) int64 {
		if seq == 5 {
			hidden, _ := filepath.Glob(filepath.Join(dir, ".out.vxsnap-*"))
			for _, name := range hidden {
				_ = os.RemoveAll(name)
			}
		}
		return 1
	}
	sql.Register("with remove", &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		return c.RegisterFunc("remove", remove, false)
	}})
	conn := connect(t, "with remove", filepath.Join(t.TempDir(), "live.db"))
	run(t, conn, "CREATE TABLE t(a, b)", fill)
	query := "SELECT vx_snapshot_restore('" + dir + "/out', " + rowColumns + ") FROM vx_snapshot_chunks(1000)"
	if _, err := tryText(conn, query+" WHERE remove(seq)"); err == nil || !strings.HasSuffix(err.Error(), "name the restored index files: unable to open database file") {
		t.Errorf("got %v", err)
	}
	empty(t, dir)
	text(t, conn, query)
}

// A schema with very many vectorlite tables is no trouble.
func TestManyIndexTables(t *testing.T) {
	conn := open(t, filepath.Join(t.TempDir(), "live.db"))
	declareTables(t, conn, 10000, "/nowhere")
	if got := text(t, conn, "SELECT count(*) FROM vx_snapshot_files WHERE state = 'missing'"); got != "10000" {
		t.Errorf("got %s missing files", got)
	}
	if _, err := tryText(conn, "SELECT * FROM vx_snapshot_chunks"); err == nil || !strings.Contains(err.Error(), "index file '/nowhere/1' of table 't1': no such file or directory") {
		t.Errorf("got %v", err)
	}
	if got := text(t, conn, "SELECT vx_snapshot_verify("+rowColumns+") FROM vx_snapshot_chunks(NULL, NULL, 'none')"); got != "ok" {
		t.Errorf("got %s", got)
	}
}
