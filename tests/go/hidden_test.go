package vxsnap_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/extension"
)

func init() { roles["state"] = printState }

// printState is another process that says what it thinks of the index file of a
// database: as root, or as nobody.
func printState(args []string) {
	err := extension.Auto()
	if args[0] == "nobody" {
		err = errors.Join(err, syscall.Setgid(65534), syscall.Setuid(65534), unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0))
	}
	if err != nil {
		panic(err)
	}
	conn, err := openPlain(args[1])
	if err != nil {
		panic(err)
	}
	for _, query := range args[2:] {
		var got sql.NullString
		if err := conn.QueryRowContext(context.Background(), query).Scan(&got); err != nil {
			got.String = err.Error()
		}
		fmt.Println(got.String)
	}
}

const stateAndDetail = "SELECT state || ': ' || coalesce(detail, '') FROM vx_snapshot_files WHERE file_name = 'index_0.idx'"

// in runs printState under a program that hides something from it.
func in(t *testing.T, under []string, args ...string) string {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := append(append(under, binary, "state"), args...)
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %s%v", command, out, err)
	}
	return strings.TrimSpace(string(out))
}

// vectorTableOf makes a database of two vectors that nobody has open, which is
// another user's.
func vectorTableOf(t *testing.T, uid int, mode string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "live.db")
	startShell(t, file, loadVectorlite(), "PRAGMA journal_mode = "+mode+";", "CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT);",
		"CREATE VIRTUAL TABLE v USING vectorlite(e float32[8], hnsw(max_elements=10), '"+filepath.Join(dir, "v.idx")+"');", insertVector(1), insertVector(2)).close()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(dir + "*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, dir) {
		if err := os.Chown(name, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

// Where processes are hidden, a database with a rollback journal may have users
// that do not show; one in WAL mode shows them all by their locks.
func TestHiddenProcesses(t *testing.T) {
	container := []string{"unshare", "--pid", "--fork", "--mount-proc"}
	for _, test := range []struct {
		name, as, mode string
		under          []string
		beside         bool // another process has it open, which is hidden
		want           string
	}{
		{"all are seen", "root", "DELETE", nil, false, "ok:"},
		{"in a container", "root", "DELETE", container, false, "held: somebody (processes outside of this container may have it open; PRAGMA journal_mode = WAL would make it visible) may hold a newer index"},
		{"in a container, WAL", "root", "WAL", container, false, "ok:"},
		{"in a container, WAL, and somebody outside", "root", "WAL", container, true, "held: a process of another container may hold a newer index"},
		{"as nobody", "nobody", "DELETE", nil, false, "held: somebody (what process 1 ("},
		{"as nobody, WAL", "nobody", "WAL", nil, false, "ok:"},
		{"as nobody, WAL, and somebody else", "nobody", "WAL", nil, true, "(sqlite3) may hold a newer index"},
	} {
		t.Run(test.name, func(t *testing.T) {
			uid := 0
			if test.as == "nobody" {
				uid = 65534
			}
			file := vectorTableOf(t, uid, test.mode)
			if test.beside {
				startShell(t, file, "SELECT count(*) FROM docs;")
				for _, suffix := range []string{"-wal", "-shm"} {
					if err := os.Chown(file+suffix, uid, uid); err != nil {
						t.Fatal(err)
					}
				}
			}
			if got := in(t, test.under, test.as, file, stateAndDetail); !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Without /proc no file that a schema names is opened; a database without such is
// taken.
func TestWithoutProc(t *testing.T) {
	// A sanitizer reads its options in environ.
	environ := filepath.Join(t.TempDir(), "environ")
	under := []string{"unshare", "--mount", "sh", "-c", `cp /proc/self/environ "$0" && umount -l /proc && mount -t tmpfs none /proc &&
		mkdir /proc/self && cp "$0" /proc/self/environ && exec "$@"`, environ}
	file, _ := vectorTable(t, t.TempDir(), 2)
	const count = "SELECT count(*) > 0 FROM vx_snapshot_chunks(65536, 'main', 'disk')"
	want := "cannot tell which files this process has open, and so open no file that a schema names: there is no /proc; mount it"
	if got := in(t, under, "root", file, count); !strings.Contains(got, want) || strings.Contains(got, "vx_snapshot_flush") {
		t.Errorf("got %q, want %q", got, want)
	}
	plain := filepath.Join(t.TempDir(), "plain.db")
	run(t, open(t, plain), "CREATE TABLE t(a, b)", fill)
	if got := in(t, under, "root", plain, "SELECT count(*) > 0 FROM vx_snapshot_chunks", "SELECT group_concat(state) FROM vx_snapshot_files"); !strings.HasSuffix(got, "1\nok") {
		t.Errorf("a database without index files: got %q", got)
	}
}
