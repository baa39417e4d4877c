package live_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func init() { roles["flush as a normal user"] = flushAsUser }

// flushAsUser opens a database as root, becomes user and group 5678, and flushes.
func flushAsUser(args []string) {
	t := new(testing.T)
	conn := openVectors(t, args[0])
	insert(t, conn, "v", 3, 5)
	for _, err := range []error{syscall.Setgroups(nil), syscall.Setgid(5678), syscall.Setuid(5678),
		unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)} { // or its own /proc/self/fd is not shown to it
		if err != nil {
			fmt.Println(err)
			os.Exit(3)
		}
	}
	known := ofDriver(t, conn)
	_, err := known.Flush()
	n, memory := inMemory(conn, "v", 1, 5)
	fmt.Println(err, n, memory)
	os.Exit(0) // without vectorlite's write at the end
}

// An index file of another owner keeps that and its mode; who cannot keep them, or
// can make no file in the directory, is told exactly that, and loses nothing.
func TestFlushOfAnotherOwnersFile(t *testing.T) {
	for _, test := range []struct {
		name           string
		uid, gid       int
		mode           os.FileMode
		directory      os.FileMode
		user           bool
		want           string
		elements       int64
		directoryOwner int
	}{
		{"root", 1234, 5678, 0o640, 0o777, false, "", 5, 0},
		{"the owner", 5678, 5678, 0o604, 0o777, true, "<nil> 5 <nil>", 5, 0},
		{"one of the group", 1234, 5678, 0o660, 0o777, true, "cannot be exchanged for a new one, which cannot have its owner 1234:5678 and mode 0660: operation not permitted; use its owner's account and flush again 5 <nil>", 2, 0},
		{"nobody who may write", 1234, 5678, 0o640, 0o777, true, "cannot be written: permission denied; make it writable and flush again 5 <nil>", 2, 0},
		{"a directory that is not writable", 5678, 5678, 0o600, 0o755, true, "cannot be exchanged for a new one, because no file can be made in ", 2, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &flushCase{declared: []string{"d/v.idx"}, prepare: func(directory string) error { return os.Mkdir(directory+"/d", 0o700) }}
			database, paths := c.build(t)
			for directory := filepath.Dir(paths[0]); directory != "/tmp" && directory != "/"; directory = filepath.Dir(directory) {
				if err := os.Chmod(directory, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for _, err := range []error{os.Chown(paths[0], test.uid, test.gid), os.Chmod(paths[0], test.mode), os.Chmod(filepath.Dir(paths[0]), test.directory),
				os.Chmod(database, 0o666), os.Chmod(filepath.Dir(database), 0o777)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			if test.user {
				out, err := inRole(t, "flush as a normal user", database).Output()
				if err != nil || !strings.Contains(string(out), test.want) {
					t.Errorf("got %q, %v, want %q", out, err, test.want)
				}
			} else {
				conn := openVectors(t, database)
				defer conn.Close()
				insert(t, conn, "v", 3, 5)
				if _, err := ofDriver(t, conn).Flush(); err != nil {
					t.Error(err)
				}
			}
			info, err := os.Stat(paths[0])
			if err != nil {
				t.Fatal(err)
			}
			st := info.Sys().(*syscall.Stat_t)
			if int(st.Uid) != test.uid || int(st.Gid) != test.gid || info.Mode() != test.mode {
				t.Errorf("the file has owner %d:%d and mode %v", st.Uid, st.Gid, info.Mode())
			}
			if got := elements(t, paths[0]); got != test.elements {
				t.Errorf("the file has %d vectors, want %d", got, test.elements)
			}
			if left, _ := filepath.Glob("d/*"); len(left) != 1 {
				t.Errorf("left: %q", left)
			}
		})
	}
}
