package live_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// flushing is a connection with five vectors in memory and two in its file.
func flushing(t *testing.T) (*sql.Conn, *live.Conn, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "v.idx")
	conn := vectors(t, path)
	return conn, ofDriver(t, conn), path
}

// nothingWritten checks that a flush was refused, and has lost nothing.
func nothingWritten(t *testing.T, what string, conn *sql.Conn, path string, err error, want string) {
	t.Helper()
	if err == nil || errors.Is(err, live.ErrVectorsLost) || !strings.HasPrefix(err.Error(), "nothing was written, because ") || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %q", what, err, want)
	}
	var memory int
	if err := conn.QueryRowContext(context.Background(), "SELECT count(*) FROM v WHERE rowid IN (1, 2, 3, 4, 5)").Scan(&memory); err != nil || memory != 5 {
		t.Errorf("%s: the connection has %d vectors of 5 (%v)", what, memory, err)
	}
	nothingAside(t, what, path)
}

func nothingAside(t *testing.T, what, path string) {
	t.Helper()
	if left, _ := filepath.Glob(path + ".vx-flush*"); len(left) > 0 {
		t.Errorf("%s: left beside: %q", what, left)
	}
}

func wrote(t *testing.T, what, path string, files, want int, err error) {
	t.Helper()
	if got := elements(t, path); err != nil || files != want || got != 5 {
		t.Errorf("%s: wrote %d files with %d vectors, want %d and 5 (%v)", what, files, got, want, err)
	}
	nothingAside(t, what, path)
}

func TestFlushKeepsOwnerAndMode(t *testing.T) {
	conn, known, path := flushing(t)
	defer conn.Close()
	if err := errors.Join(os.Chown(path, 1234, 1235), os.Chmod(path, 0o640)); err != nil {
		t.Fatal(err)
	}
	files, err := known.Flush()
	wrote(t, "flush", path, files, 1, err)
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil || st.Uid != 1234 || st.Gid != 1235 || st.Mode&0o7777 != 0o640 {
		t.Errorf("the new file has owner %d:%d and mode %o (%v)", st.Uid, st.Gid, st.Mode&0o7777, err)
	}
}

func TestFlushKeepsAccessList(t *testing.T) {
	conn, known, path := flushing(t)
	defer conn.Close()
	want := testkit.SetAccessList(t, path)
	files, err := known.Flush()
	wrote(t, "flush", path, files, 1, err)
	if got := testkit.AccessList(t, path); got != want {
		t.Errorf("the new file has the access list %x", got)
	}
}

// Who is not root cannot write every file that he may replace.
func TestFlushWithoutRights(t *testing.T) {
	const nobody = 65534
	for _, test := range []struct {
		want  string
		owner int
		mode  os.FileMode
	}{
		{"cannot be written: permission denied", nobody, 0o444},
		{"which cannot have its owner 0:0 and mode 0666: operation not permitted", 0, 0o666},
	} {
		conn, known, path := flushing(t)
		directory := filepath.Dir(path)
		err := errors.Join(os.Chmod(filepath.Dir(directory), 0o755), os.Chown(directory, nobody, nobody), os.Chown(path, test.owner, -1), os.Chmod(path, test.mode))
		if err != nil {
			t.Fatal(err)
		}
		runtime.LockOSThread() // whose rights they are
		err = unix.Setfsuid(nobody)
		if err == nil {
			_, err = known.Flush()
		}
		if err := errors.Join(unix.Setfsuid(0), unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)); err != nil {
			t.Fatal(err)
		}
		runtime.UnlockOSThread()
		nothingWritten(t, test.want, conn, path, err, test.want)
		if got := elements(t, path); got != 2 {
			t.Errorf("%s: the file has %d vectors, want 2", test.want, got)
		}
		conn.Close()
	}
}

// A file that somebody else puts in the place just before the exchange is his.
func TestFlushOfAReplacedFile(t *testing.T) {
	conn, known, path := flushing(t)
	defer conn.Close()
	image := testkit.IndexImage(2, 7)
	stop := live.AtStep(func(operation string) {
		if operation == "exchange" {
			if err := errors.Join(os.WriteFile(path+".new", image, 0o600), os.Rename(path+".new", path)); err != nil {
				t.Error(err)
			}
		}
	})
	_, err := known.Flush()
	stop()
	nothingWritten(t, "replaced", conn, path, err, "it was replaced meanwhile")
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, image) {
		t.Errorf("the path leads to %d bytes, want those of whoever replaced the file (%v)", len(got), err)
	}
}

// Another flush, or a snapshot, while one goes on.
func TestFlushBesideFlush(t *testing.T) {
	for _, when := range []string{"create", "sync"} {
		conn, known, path := flushing(t)
		file := filepath.Join(filepath.Dir(path), "app.db")
		other := connection(t, "sqlite3_vectorlite", file, "INSERT INTO v(rowid, e) VALUES (9, vector_from_json('[9]'))")
		second := ofDriver(t, other)
		asked := 0
		stop := live.AtStep(func(operation string) {
			if operation != when || asked > 0 {
				return
			}
			asked++
			_, err := second.Flush()
			refusedNow(t, "flush at "+when, err)
			if when == "sync" {
				_, err := second.Export("main", live.ExportOptions{IndexFiles: live.IndexDisk})
				refusedNow(t, "snapshot at "+when, err)
			}
		})
		files, err := known.Flush()
		stop()
		wrote(t, when, path, files, 1, err)
		if asked != 1 {
			t.Errorf("there was no step %q", when)
		}
		other.Close()
		conn.Close()
	}
}

func refusedNow(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, snapshot.ErrChanged) || !strings.Contains(err.Error(), "of table 'v' is being flushed by another connection") {
		t.Errorf("%s: got %v, want that it is being flushed", what, err)
	}
}

// What a flush leaves that was killed after the exchange, and what to do then.
func TestInterruptedFlush(t *testing.T) {
	for _, test := range []struct {
		name  string
		image []byte // what it wrote
		keep  bool
	}{
		{"nothing written", nil, false},
		{"half written", testkit.IndexImage(2, 7)[:150], false},
		{"whole", testkit.IndexImage(2, 7), true},
	} {
		conn, _, path := flushing(t)
		conn.Close()
		conn = connection(t, "sqlite3_vectorlite", filepath.Join(filepath.Dir(path), "app.db"), "SELECT * FROM sqlite_schema")
		known := ofDriver(t, conn)
		if err := errors.Join(os.Rename(path, path+".vx-flush"), os.WriteFile(path, test.image, 0o600)); err != nil {
			t.Fatal(err)
		}
		want := "a flush of index file '" + path + "' of table 'v' was interrupted: the file of before is '" + path + ".vx-flush'; rename it to '" + path + "' to go back to it"
		if test.keep {
			want += ", or remove it to keep what the flush wrote, which is whole"
		}
		_, flushErr := known.Flush()
		_, exportErr := known.Export("main", live.ExportOptions{IndexFiles: live.IndexDisk})
		for what, err := range map[string]error{"flush": flushErr, "snapshot": exportErr} {
			if !errors.Is(err, snapshot.ErrIndexFile) || err.Error() != want {
				t.Errorf("%s: %s: got %v, want %q", test.name, what, err, want)
			}
		}
		if got := stateOf(t, known); got.State != live.StateInterrupted || got.Detail != want {
			t.Errorf("%s: state %s, %q", test.name, got.State, got.Detail)
		}
		if err := os.Rename(path+".vx-flush", path); err != nil {
			t.Fatal(err)
		}
		if got := stateOf(t, known); got.State != live.StateOK {
			t.Errorf("%s: gone back, state %s, %q", test.name, got.State, got.Detail)
		}
		conn.Close()
	}
}

// stateOf is the state of the first index file.
func stateOf(t *testing.T, known *live.Conn) live.FileState {
	t.Helper()
	files, err := known.Files("main")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 2 {
		t.Fatal("there is no index file")
	}
	return files[1]
}

// An empty file beside was made before anything was exchanged; what is no file
// at all is somebody else's.
func TestLeftBesideAnIndexFile(t *testing.T) {
	conn, known, path := flushing(t)
	defer conn.Close()
	aside := path + ".vx-flush"
	if err := syscall.Mkfifo(aside, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := known.Flush()
	if want := "'" + aside + "', which a flush needs: not a regular file but a FIFO; move it away"; !errors.Is(err, snapshot.ErrIndexFile) || !strings.Contains(err.Error(), want) {
		t.Errorf("a FIFO: got %v, want %q", err, want)
	}
	if err := os.Remove(aside); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(aside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := known.Export("main", live.ExportOptions{IndexFiles: live.IndexDisk})
	if err != nil {
		t.Fatalf("a snapshot beside an empty file: %v", err)
	}
	e.Close()
	files, err := known.Flush()
	wrote(t, "beside an empty file", path, files, 1, err)
}

// A flush writes what a symbolic link leads to, and leaves the link.
func TestFlushThroughALink(t *testing.T) {
	directory := t.TempDir()
	link, path := filepath.Join(directory, "v.idx"), filepath.Join(directory, "real.idx")
	if err := os.Symlink("real.idx", link); err != nil {
		t.Fatal(err)
	}
	conn := vectors(t, link)
	defer conn.Close()
	known := ofDriver(t, conn)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	_, err := known.Flush()
	nothingWritten(t, "to nothing", conn, link, err, "it is a symbolic link that leads to nothing")
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	files, err := known.Flush()
	wrote(t, "through a link", path, files, 1, err)
	if to, err := os.Readlink(link); err != nil || to != "real.idx" {
		t.Errorf("the link leads to %q (%v)", to, err)
	}
	nothingAside(t, "through a link", link)
}

// whenWritten calls do at the first operation that finds the vectors in the file.
func whenWritten(t *testing.T, path string, do func() error) (stop func()) {
	done := false
	return live.AtStep(func(string) {
		if done || elements(t, path) != 5 {
			return
		}
		done = true
		if err := do(); err != nil {
			t.Error(err)
		}
	})
}

// The first flush of a table makes its file, whole or not at all.
func TestFlushOfAMissingFile(t *testing.T) {
	for _, torn := range []bool{false, true} {
		conn, known, path := flushing(t)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		stop := func() {}
		if torn {
			stop = whenWritten(t, path, func() error { return os.Truncate(path, 100) })
		}
		files, err := known.Flush()
		stop()
		if !torn {
			wrote(t, "without a file", path, files, 1, err)
		} else if _, gone := os.Lstat(path); !errors.Is(err, live.ErrVectorsLost) || !errors.Is(gone, os.ErrNotExist) {
			t.Errorf("torn: got %v, and a file: %v", err, gone)
		}
		nothingAside(t, "without a file", path)
		conn.Close()
	}
}

// A second table whose file is b.idx, with one vector.
func addTable(t *testing.T, conn *sql.Conn, path string) {
	t.Helper()
	execute(t, conn, "CREATE VIRTUAL TABLE w USING vectorlite(e float32[1], hnsw(max_elements=13), '"+path+"')",
		"INSERT INTO w(rowid, e) VALUES (77, vector_from_json('[1]'))")
}

// One file that cannot be opened keeps all as they were; one that was not written
// whole keeps no other from being finished.
func TestFlushOfTwoTables(t *testing.T) {
	conn, known, path := flushing(t)
	second := filepath.Join(filepath.Dir(path), "w.idx")
	addTable(t, conn, second)
	if err := os.Mkdir(second, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := known.Flush()
	nothingWritten(t, "a directory", conn, path, err, "of table 'w' is not a regular file but a directory")
	if got := elements(t, path); got != 2 {
		t.Errorf("a directory: the first file has %d vectors, want 2", got)
	}
	if err := errors.Join(os.Remove(second), os.WriteFile(second, []byte("before"), 0o600)); err != nil {
		t.Fatal(err)
	}
	stop := whenWritten(t, path, func() error { return os.Truncate(path, 100) })
	_, err = known.Flush()
	stop()
	if !errors.Is(err, live.ErrVectorsLost) || strings.Contains(err.Error(), "'w'") {
		t.Errorf("torn: got %v", err)
	}
	if v, w := elements(t, path), elements(t, second); v != 2 || w != 1 {
		t.Errorf("torn: the files have %d and %d vectors, want 2 and 1", v, w)
	}
	nothingAside(t, "torn", path)
	nothingAside(t, "torn", second)
	if i := written(t, known, second); i != live.StateOK {
		t.Errorf("the file that was finished is %s", i)
	}
	conn.Close()
}

// written is the state of an index file.
func written(t *testing.T, known *live.Conn, path string) string {
	t.Helper()
	files, err := known.Files("main")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Path == path {
			return f.State
		}
	}
	return "not there"
}

// Two tables with one file would each overwrite the other's vectors.
func TestFlushOfTablesWithOneFile(t *testing.T) {
	conn, known, path := flushing(t)
	defer conn.Close()
	link := filepath.Join(filepath.Dir(path), "link")
	if err := errors.Join(os.Remove(path), os.Symlink(".", link)); err != nil {
		t.Fatal(err)
	}
	addTable(t, conn, filepath.Join(link, "v.idx"))
	_, err := known.Flush()
	nothingWritten(t, "one file", conn, path, err, "because tables 'v' and 'w' declare the same index file '"+path+"'; declare another path")
}

// A statement that keeps its table, and that the flush could not know of: the
// file of before comes back.
func TestFlushThatVectorliteMissed(t *testing.T) {
	conn, known, path := flushing(t)
	defer conn.Close()
	stop := live.AtStep(func(operation string) {
		if operation == "exchange" {
			if _, err := conn.PrepareContext(context.Background(), "SELECT rowid FROM v WHERE rowid = 1"); err != nil {
				t.Error(err)
			}
		}
	})
	_, err := known.Flush()
	stop()
	want := "was not written whole (vectorlite did not open it), and " + live.ErrVectorsLost.Error()
	if !errors.Is(err, live.ErrVectorsLost) || !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), "The file is what it was before the flush") {
		t.Errorf("got %v, want %q", err, want)
	}
	if got := elements(t, path); got != 2 {
		t.Errorf("the file has %d vectors, want 2", got)
	}
	nothingAside(t, "missed", path)
}

// The next change of what a flush wrote shows.
func TestFlushSettles(t *testing.T) {
	conn, known, path := flushing(t)
	files, err := known.Flush()
	info, statErr := os.Stat(path)
	if statErr != nil {
		t.Fatal(statErr)
	}
	if age := time.Since(info.ModTime()); age < 20*time.Millisecond {
		t.Errorf("the flush ended %v after the last change", age)
	}
	wrote(t, "flush", path, files, 1, err)
	conn.Close()

	conn, known, path = flushing(t)
	defer conn.Close()
	stop := live.AtStep(func(operation string) {
		if now := time.Now(); operation == "fstat" && elements(t, path) == 5 {
			if err := os.Chtimes(path, now, now); err != nil {
				t.Error(err)
			}
		}
	})
	_, err = known.Flush()
	stop()
	if !errors.Is(err, snapshot.ErrChanged) || !strings.Contains(err.Error(), "somebody else writes it") {
		t.Errorf("a file that is written all the time: got %v", err)
	}
	nothingAside(t, "a file that is written all the time", path)
}

// What waits beside when the lock is there is the only file of before.
func TestFlushFindsAFileAtItsLock(t *testing.T) {
	conn, known, path := flushing(t)
	defer conn.Close()
	aside := path + ".vx-flush"
	stop := live.AtStep(func(operation string) {
		if operation == "lock" {
			if err := os.WriteFile(aside, testkit.IndexImage(2, 7), 0o600); err != nil {
				t.Error(err)
			}
		}
	})
	_, err := known.Flush()
	stop()
	if err == nil || !strings.Contains(err.Error(), "was interrupted: the file of before is '"+aside+"'") {
		t.Errorf("got %v", err)
	}
	if got, want := elements(t, aside), elements(t, path); got != 7 || want != 2 {
		t.Errorf("the files have %d and %d vectors, want 7 and 2", got, want)
	}
}

// Where the file of before cannot come back, the error says where it is.
func TestFlushThatCannotPutBack(t *testing.T) {
	conn, known, path := flushing(t)
	defer conn.Close()
	aside := path + ".vx-flush"
	torn := false
	stop := live.AtStep(func(operation string) {
		if !torn && elements(t, path) == 5 {
			torn = true
			if err := os.Truncate(path, 100); err != nil {
				t.Error(err)
			}
		}
		if operation == "put back" {
			if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
				t.Error(err)
			}
		}
	})
	_, err := known.Flush()
	stop()
	want := "The file of before could not be put back (rename " + aside + " " + path
	if !errors.Is(err, live.ErrVectorsLost) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), ": rename '"+aside+"' to '"+path+"'") {
		t.Errorf("got %v, want %q", err, want)
	}
	if got := elements(t, aside); got != 2 {
		t.Errorf("the file of before has %d vectors, want 2", got)
	}
}

// A file system that cannot exchange two names.
func TestFlushWithoutExchange(t *testing.T) {
	conn, known, path := flushing(t)
	defer conn.Close()
	defer live.WithoutExchange()()
	beside := 0
	stop := live.AtStep(func(operation string) {
		if operation == "sync" && elements(t, path+".vx-flush") == 2 {
			beside++
		}
	})
	files, err := known.Flush()
	stop()
	wrote(t, "in two steps", path, files, 1, err)
	if beside != 1 {
		t.Error("the file of before did not wait beside")
	}
}

// A table without a file has nothing to flush while it is empty, and no file of
// some other name counts as its.
func TestFlushOfATableInMemory(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{".vx-flush", "..vx-flush"} { // of no path, and of that made clean
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := newDatabase(t)
	conn := connection(t, "sqlite3_vectorlite", file, "CREATE VIRTUAL TABLE v USING vectorlite(e float32[1], hnsw(max_elements=13))")
	defer conn.Close()
	if files, err := ofDriver(t, conn).Flush(); files != 0 || err != nil {
		t.Errorf("got %d, %v", files, err)
	}
}
