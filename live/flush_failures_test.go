package live_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live"
)

// smallDisk mounts a file system of a megabyte.
func smallDisk(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	if err := unix.Mount("tmpfs", directory, "tmpfs", 0, "size=1m"); err != nil {
		t.Fatalf("mount a small tmpfs (this test runs as root): %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(directory, unix.MNT_DETACH) })
	return directory
}

// failures are what the system can begin to refuse, until undo.
var failures = []struct {
	name     string
	do, undo func(disk string) error
}{
	{"full disk", func(disk string) error {
		if err := os.WriteFile(disk+"/fill", make([]byte, 2<<20), 0o600); !errors.Is(err, unix.ENOSPC) {
			return fmt.Errorf("the disk is not full: %w", err)
		}
		return nil
	}, func(disk string) error { return os.Remove(disk + "/fill") }},
	{"no descriptors", func(string) error {
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &descriptorLimit); err != nil {
			return err
		}
		return unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: descriptorLimit.Max})
	}, func(string) error { return unix.Setrlimit(unix.RLIMIT_NOFILE, &descriptorLimit) }},
	{"names that cannot be changed", func(disk string) error { // as those of a directory that became read-only
		names, err := filepath.Glob(disk + "/*/v.idx*")
		for _, name := range names {
			err = errors.Join(err, unix.Mount(name, name, "", unix.MS_BIND, ""))
		}
		return err
	}, func(disk string) error {
		names, err := filepath.Glob(disk + "/*/v.idx*")
		for _, name := range names {
			_ = unix.Unmount(name, unix.MNT_DETACH)
		}
		return err
	}},
	{"sync", replaceByPipe, func(string) error { return nil }},
}

// descriptorLimit is what RLIMIT_NOFILE was.
var descriptorLimit unix.Rlimit

// replaceByPipe makes every descriptor of an index file one of a pipe, which
// cannot be synced.
func replaceByPipe(disk string) error {
	pipe := make([]int, 2)
	if err := unix.Pipe2(pipe, unix.O_CLOEXEC); err != nil {
		return err
	}
	defer func() { _, _ = unix.Close(pipe[0]), unix.Close(pipe[1]) }()
	for fd := range 100 {
		to, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
		if err == nil && strings.HasPrefix(to, disk) && strings.HasSuffix(to, "/v.idx") {
			if err := unix.Dup3(pipe[0], fd, unix.O_CLOEXEC); err != nil {
				return err
			}
		}
	}
	return nil
}

// Whatever fails from a step of a flush on: the file is the one of before or the
// new one, whole, and the error says which, and what is lost; when it no longer
// fails, the next flush works and nothing is left of this one.
func TestFailureAtEveryStepOfFlush(t *testing.T) {
	for _, failure := range failures {
		t.Run(failure.name, func(t *testing.T) {
			disk := smallDisk(t)
			lost, refused := 0, 0
			for step, fired := 1, true; fired; step++ {
				if failure.name != "sync" && !sample(step, 2) {
					continue
				}
				directory := filepath.Join(disk, fmt.Sprint(step))
				if err := os.Mkdir(directory, 0o700); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(directory, "v.idx")
				conn := vectors(t, path)
				known, n := ofDriver(t, conn), 0
				fired = false
				stop := live.AtStep(func(operation string) {
					if n++; n == step {
						fired = true
						if failure.name == "sync" && operation != "sync" {
							return
						}
						if err := failure.do(disk); err != nil {
							t.Error(err)
						}
					}
				})
				_, err := known.Flush()
				stop()
				if fired {
					if err := failure.undo(disk); err != nil && failure.name != "full disk" {
						t.Fatal(err)
					}
				}
				label := fmt.Sprintf("step %d (%v)", step, err)
				written := err != nil && strings.Contains(err.Error(), "was written, and the file of before could not be removed")
				if written {
					_, name, _ := strings.Cut(err.Error(), "; remove '")
					err = os.Remove(strings.TrimSuffix(name, "'"))
				}
				if detail := interruptedDetail(t, known); detail != "" {
					if !strings.Contains(err.Error(), "rename") && !strings.Contains(err.Error(), "remove '") {
						t.Errorf("%s: the error does not say what is left", label)
					}
					repair(t, label, detail)
				}
				file, want := elements(t, path), 5
				if written {
					refused++
				}
				switch {
				case errors.Is(err, live.ErrVectorsLost):
					lost++
					if want = 2; file != 2 {
						t.Errorf("%s: the file has %d vectors, want 2", label, file)
					}
				case err != nil:
					refused++
					if file != 2 {
						t.Errorf("%s: the file has %d vectors, want 2", label, file)
					}
				case file != 5:
					t.Errorf("%s: the file has %d vectors, want 5", label, file)
				}
				if has, err := inMemory(conn, "v", 1, 5); err != nil || has != want {
					t.Errorf("%s: the connection has %d vectors, want %d (%v)", label, has, want, err)
				}
				insert(t, conn, "v", 6, 6)
				if _, err := known.Flush(); err != nil || elements(t, path) != int64(want)+1 {
					t.Errorf("%s: the next flush: %d vectors, %v", label, elements(t, path), err)
				}
				conn.Close()
				if left, _ := filepath.Glob(directory + "/*"); len(left) != 2 {
					t.Errorf("%s: left: %q", label, left)
				}
				_ = os.RemoveAll(directory)
			}
			if lost+refused == 0 || refused == 0 && failure.name != "sync" {
				t.Errorf("%d lost, %d refused, this tested nothing", lost, refused)
			}
		})
	}
}
