package snapshot_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/snapshot"
)

// A renameWay is a way in which a file gets a name that nothing has.
type renameWay struct {
	name  string
	begin func() (stop func())
}

func renameWays() []renameWay {
	ways := []renameWay{{"a rename", func() func() { return func() {} }}}
	for _, cause := range []error{unix.EINVAL, unix.ENOSYS, unix.EOPNOTSUPP} {
		ways = append(ways, renameWay{"a link, after " + cause.Error(), func() func() {
			return snapshot.SetRenameNoReplace(func(string, string) error { return cause })
		}})
	}
	return ways
}

// A file system without such a rename, as NFS, and signals in the middle of it.
func TestRenameNew(t *testing.T) {
	for _, way := range renameWays() {
		parent := t.TempDir()
		stop := way.begin()
		err := small().save(t, filepath.Join(parent, "out.tar"), nil, snapshot.Options{})
		stop()
		if left := list(t, parent); err != nil || !slices.Equal(left, []string{"out.tar"}) {
			t.Errorf("%s: there are %q, %v", way.name, left, err)
		}
	}
	calls := 0
	defer snapshot.SetRenameNoReplace(func(from, to string) error {
		if calls++; calls < 3 {
			return unix.EINTR
		}
		return os.Rename(from, to)
	})()
	if err := small().save(t, filepath.Join(t.TempDir(), "out.tar"), nil, snapshot.Options{}); err != nil || calls != 3 {
		t.Errorf("interrupted by signals: %d calls, %v", calls, err)
	}
}

// Where the rename fails in another way, and where the second of its two steps does,
// nothing has the name.
func TestRenameNewFails(t *testing.T) {
	parent := shortDir(t)
	path := filepath.Join(parent, "out.tar")
	try := func(what string, cause error) {
		t.Helper()
		err := small().save(t, path, nil, snapshot.Options{})
		if want := "give '" + path + "' its name: " + cause.Error(); !errors.Is(err, cause) || err.Error() != want {
			t.Errorf("%s: got %v, want %s", what, err, want)
		}
		if left := list(t, parent); len(left) > 0 {
			t.Errorf("%s: left %q", what, left)
		}
	}
	restore := snapshot.SetRenameNoReplace(func(string, string) error { return unix.EIO })
	try("the rename", unix.EIO)
	restore()
	restore = snapshot.SetRenameNoReplace(func(string, string) error { return unix.EINVAL })
	defer restore()
	defer snapshot.SetRemoveName(func(name string) error { return &os.PathError{Op: "remove", Path: name, Err: unix.EROFS} })()
	try("the second step", unix.EROFS)
}

// What has taken the name meanwhile stays, whatever it is and however a file gets a name
// here.
func TestNewFileNameIsTaken(t *testing.T) {
	for _, way := range renameWays() {
		for kind, take := range map[string]func(path string) error{
			"file":   func(path string) error { return os.WriteFile(path, []byte("mine"), 0o600) },
			"folder": func(path string) error { return os.Mkdir(path, 0o700) },
			"link":   func(path string) error { return os.Symlink("/nowhere", path) },
		} {
			parent := t.TempDir()
			path := filepath.Join(parent, "out.tar")
			file, err := snapshot.Create(path, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := take(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.Lstat(path)
			stop := way.begin()
			err = file.Commit()
			stop()
			if !errors.Is(err, snapshot.ErrTarget) || !strings.HasSuffix(err.Error(), " exists, and is not replaced; name another, or remove it first") {
				t.Errorf("%s, a %s: got %v", way.name, kind, err)
			}
			if err := file.Close(); err != nil {
				t.Error(err)
			}
			after, err := os.Lstat(path)
			if left := list(t, parent); err != nil || !os.SameFile(before, after) || !slices.Equal(left, []string{"out.tar"}) {
				t.Errorf("%s, a %s: there are %q, another one: %t, %v", way.name, kind, left, !os.SameFile(before, after), err)
			}
		}
	}
}
