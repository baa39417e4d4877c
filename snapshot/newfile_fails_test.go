package snapshot_test

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Whichever operation fails, and however, half of it done, nothing has the name and
// nothing is left, and the next attempt succeeds.
func TestNewFileEveryOperationFails(t *testing.T) {
	for _, cause := range []error{errDisk, syscall.ENOSPC, syscall.EIO, io.ErrShortWrite, syscall.EFBIG} {
		for fail := 1; ; fail++ {
			parent := t.TempDir()
			path := filepath.Join(parent, "out.tar")
			disk := &tracingFS{FS: snapshot.OS, fail: fail, cause: cause}
			err := small().save(t, path, disk, snapshot.Options{})
			if len(disk.trace) < fail {
				if err != nil || fail < 10 {
					t.Fatalf("%d operations: %v", fail, err)
				}
				break
			}
			step := disk.trace[fail-1]
			if !errors.Is(err, cause) || errors.Is(err, snapshot.ErrTarget) || !isOneLine(err.Error()) {
				t.Errorf("%s fails: got %v, want the cause", step, err)
			}
			if left := list(t, parent); len(left) != 0 {
				t.Errorf("%s fails: left %q", step, left)
			}
			if err := small().save(t, path, nil, snapshot.Options{}); err != nil {
				t.Errorf("%s failed: the next attempt: %v", step, err)
			}
		}
	}
}

// The sentences of what can go wrong.
func TestNewFileSentences(t *testing.T) {
	for step, want := range map[string]string{
		"resolve P":       "look at file 'P/out.tar': disk trouble",
		"lstat P/out.tar": "look at file 'P/out.tar': disk trouble",
		"create":          "make a file in 'P': disk trouble",
		"write":           "write a tar stream: write 'P/out.tar': disk trouble",
		"close":           "sync 'P/out.tar': disk trouble",
		"sync P":          "sync 'P/out.tar': disk trouble",
		"rename":          "give 'P/out.tar' its name: disk trouble",
		"syncdir":         "sync the folder of 'P/out.tar': disk trouble",
	} {
		for fail := 1; ; fail++ {
			parent := shortDir(t)
			disk := &tracingFS{FS: snapshot.OS, fail: fail}
			err := small().save(t, filepath.Join(parent, "out.tar"), disk, snapshot.Options{})
			if len(disk.trace) < fail {
				t.Fatalf("there is no step %s", step)
			}
			if !strings.HasPrefix(strings.ReplaceAll(disk.trace[fail-1], parent, "P"), step) {
				continue
			}
			if err == nil || strings.ReplaceAll(err.Error(), parent, "P") != want {
				t.Errorf("%s fails: got %v, want %s", step, err, want)
			}
			break
		}
	}
}

// An interrupt leaves nothing, that of the sync too.
func TestNewFileInterrupted(t *testing.T) {
	stop := errors.New("stop")
	parent := t.TempDir()
	file, err := snapshot.Create(filepath.Join(parent, "out.tar"), nil, func() error { return stop })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(noise(1, 20*mib)); err != nil {
		t.Fatal(err)
	}
	if err := file.Commit(); !errors.Is(err, stop) {
		t.Errorf("an interrupt of the sync: %v", err)
	}
	if err := file.Close(); err != nil || len(list(t, parent)) > 0 {
		t.Errorf("left %q, %v", list(t, parent), err)
	}
	for after := 0; ; after++ {
		parent := t.TempDir()
		asked := 0
		opt := snapshot.Options{Interrupted: func() error {
			if asked++; asked > after {
				return stop
			}
			return nil
		}}
		err := files{noise(1, 20*mib)}.save(t, filepath.Join(parent, "out.tar"), nil, opt)
		if err == nil {
			if after < 20 {
				t.Errorf("asked %d times", asked)
			}
			return
		}
		if left := list(t, parent); !errors.Is(err, stop) || len(left) > 0 {
			t.Errorf("after %d questions: %v, left %q", after, err, left)
		}
	}
}
