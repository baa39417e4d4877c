package over_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live/over"
)

const nobody = 65534

func init() {
	roles["restore as nobody"] = func(args []string) {
		for _, err := range []error{syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody),
			unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)} { // or its own /proc/self/fd is not shown to it
			if err != nil {
				fmt.Println(err)
				return
			}
		}
		a := app{database: args[0], saved: args[1]}
		_, err := a.restoreWith(over.Options{Stopped: args[2] == "stopped"})
		fmt.Println(err)
	}
}

// give gives the application's files to a user.
func (a app) give(t *testing.T, owner int) {
	t.Helper()
	top := filepath.Dir(filepath.Dir(a.database))
	err := errors.Join(os.Chmod(top, 0o755), os.Chmod(a.saved, 0o644))
	for _, path := range append(a.left(t), filepath.Dir(a.database), a.far) {
		err = errors.Join(err, os.Chown(path, owner, owner))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Who is not root cannot see what the others have open, and cannot replace every file.
// What is refused is refused before anything is replaced.
func TestRights(t *testing.T) {
	for _, test := range []struct {
		what    string
		prepare func(a app) error
		stopped string
		want    string
	}{
		{"what is hidden", func(app) error { return nil }, "",
			"it cannot be told whether somebody has database '%s' open: what process 1 ("},
		{"what is hidden, and stopped", func(app) error { return nil }, "stopped", "<nil>"},
		{"a folder that is not his", func(a app) error { return os.Chown(filepath.Dir(a.database), 0, 0) }, "stopped",
			"make '%s.restoring': permission denied"},
		{"another folder that is not his", func(a app) error { return os.Chown(a.far, 0, 0) }, "stopped",
			"bring the new index file to '" + "%[2]s/docs.idx.restoring': permission denied"},
		{"a file that is not his", func(a app) error {
			docs := filepath.Join(a.far, "docs.idx")
			return errors.Join(os.Chown(docs, 1234, 1235), os.Chmod(docs, 0o666))
		}, "stopped", "'%[2]s/docs.idx' belongs to user 1234 and group 1235, which this process cannot give to the file that replaces it: operation not permitted; run this as that user"},
	} {
		a := shape{journal: "delete"}.build(t)
		a.give(t, nobody)
		if err := test.prepare(a); err != nil {
			t.Fatal(err)
		}
		before := a.left(t)
		out, err := inRole("restore as nobody", a.database, a.saved, test.stopped).Output()
		want := test.want
		if strings.Contains(want, "%") {
			want = strings.ReplaceAll(strings.ReplaceAll(want, "%[2]s", a.far), "%s", a.database)
		}
		if err != nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("%s: got %s, %v, want %s", test.what, out, err, want)
		}
		if test.want == "<nil>" {
			a.want(t, test.what, isNew)
			continue
		}
		if left := a.left(t); !slices.Equal(left, before) {
			t.Errorf("%s: there are %q, want %q", test.what, left, before)
		}
		a.want(t, test.what, isOld)
	}
}

// A plan that somebody else may have written renames nothing.
func TestPlanOfSomebodyElse(t *testing.T) {
	for _, name := range []string{"-journal", ".restoring"} {
		for what, spoil := range map[string]func(path string) error{
			"another owner":    func(path string) error { return os.Chown(path, nobody, nobody) },
			"others may write": func(path string) error { return os.Chmod(path, 0o770) },
		} {
			a := shape{journal: "delete"}.build(t)
			victim := filepath.Join(a.far, "victim")
			path := a.database + name
			plan := fmt.Sprintf(`{"version":1,"database":"app.db","before":"b","moves":[{"path":"/x","new":%q},{"path":"../app.db","new":"new/n","aside":"app.db","link":true}]}`, victim)
			if err := errors.Join(os.WriteFile(victim, nil, 0o600), os.Mkdir(path, 0o700), os.WriteFile(filepath.Join(path, "plan.json"), []byte(plan), 0o600), spoil(path)); err != nil {
				t.Fatal(err)
			}
			_, err := a.restore(over.Options{})
			if !errors.Is(err, over.ErrHalfDone) || !strings.Contains(err.Error(), "'"+path+"' was left by a restore of user ") {
				t.Errorf("%s, %s: got %v", name, what, err)
			}
			if _, err := os.Lstat(victim); err != nil {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
}
