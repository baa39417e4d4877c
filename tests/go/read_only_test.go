package vxsnap_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vxsnap/vxsnap/extension"
)

func init() {
	roles["read as nobody"] = func(args []string) {
		if err := readAsNobody(args[0]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// readAsNobody takes a snapshot as a user who may only read the files.
func readAsNobody(file string) error {
	if err := syscall.Setuid(65534); err != nil {
		return err
	}
	if err := extension.Auto(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", file)
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, query := range []string{
		"SELECT vx_snapshot_verify(" + rowColumns + ") || ' ' || sum(length(data)) FROM vx_snapshot_chunks",
		"SELECT vx_snapshot_debug()",
	} {
		got, err := tryText(conn, query)
		if err != nil {
			return err
		}
		fmt.Println(got)
	}
	return nil
}

// A user who may only read a WAL database that somebody writes has a pin: the -shm
// file need not be writable.
func TestReadOnlyUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Fatal("this test runs as root, who can become another user")
	}
	dir, err := os.MkdirTemp("/tmp", "vxsnap-read-only-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	file := filepath.Join(dir, "live.db")
	writer := open(t, file)
	run(t, writer, "PRAGMA journal_mode = WAL", "CREATE TABLE t(a, b)", fill, "PRAGMA wal_checkpoint", "INSERT INTO t VALUES (1, 2)")
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"live.db", "live.db-wal", "live.db-shm"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	readsAs(t, file, "last snapshot: pin, WAL, ")

	alone := filepath.Join(dir, "alone") // as a writer that was killed leaves it
	if out, err := exec.Command("bash", "-c", "mkdir "+alone+" && cp -p "+file+"* "+alone).CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	readsAs(t, filepath.Join(alone, "live.db"), "last snapshot: spool: no pin: the -shm file can only be read, and nobody who may write it has the database open: ")
}

func readsAs(t *testing.T, file, want string) {
	t.Helper()
	out, err := exec.Command(os.Args[0], "read as nobody", file).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "ok ") || !strings.Contains(string(out), want) {
		t.Errorf("got %s%v, want %q", out, err, want)
	}
}
