package over_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live/over"
)

// A failing is a way in which file operations fail, from the n-th on.
type failing struct {
	name  string
	after bool // the operation is done, and its answer is lost
	on    bool // all that follow fail too
}

// Whichever file operation fails, everything is as it was, or the error says that it is
// half done and nobody can open the database; and the next attempt succeeds.
func TestEveryOperationFails(t *testing.T) {
	for _, way := range []failing{{name: "one"}, {name: "one, after all", after: true}, {name: "all that follow", on: true}} {
		t.Run(way.name, func(t *testing.T) {
			half := 0
			for n := 1; ; n++ {
				if !sample(n+len(way.name), 3) {
					continue
				}
				a := shapes["journal that stays"].build(t)
				before := a.left(t)
				operation, err := way.restore(a, n)
				if operation == "" {
					break
				}
				if way.check(t, a, operation, before, err) {
					half++
				}
				if _, err := a.restore(over.Options{}); err != nil {
					t.Errorf("%s, again: %v", operation, err)
				}
				a.want(t, operation+", again", isNew)
			}
			if way.on != (half > 0) {
				t.Errorf("%d were half done", half)
			}
		})
	}
}

func (w failing) restore(a app, n int) (failed string, err error) {
	count := 0
	disk := &steppedFS{FS: over.OS, after: w.after, before: func(operation string) error {
		if count++; count == n {
			failed = operation
		}
		if count == n || count > n && w.on {
			return unix.EIO
		}
		return nil
	}}
	_, err = a.restore(over.Options{FS: disk})
	return failed, err
}

// check reports whether a restore that failed is half done.
func (w failing) check(t *testing.T, a app, operation string, before []string, err error) (half bool) {
	t.Helper()
	is := a.is(t)
	switch {
	case err == nil && is == isNew: // what cannot be tidied up, or a lost answer
		return false
	case err == nil, !errors.Is(err, unix.EIO):
		t.Errorf("%s: the application finds %s, and the error is %v", operation, is, err)
	case strings.Contains(err.Error(), "\n") && !w.on:
		t.Errorf("%s: the error has two lines: %v", operation, err)
	case errors.Is(err, over.ErrNotDurable):
		if is != isNew || !strings.HasPrefix(operation, "syncdir ") && !w.on {
			t.Errorf("%s: the application finds %s, and the error is %v", operation, is, err)
		}
	case errors.Is(err, over.ErrHalfDone):
		if is != isError || !over.HalfDone(a.database) {
			t.Errorf("%s: the application finds %s, half done is %t, and the error is %v", operation, is, over.HalfDone(a.database), err)
		}
		return true
	case is != isOld:
		t.Errorf("%s: the application finds %s, and the error is %v", operation, is, err)
	case !slices.Equal(a.left(t), before) && !w.on && !slices.Contains([]string{"mkdir", "remove", "readdir"}, strings.Fields(operation)[0]):
		t.Errorf("%s: there are %q, want %q", operation, a.left(t), before)
	case !strings.Contains(err.Error(), filepath.Dir(a.database)) && !strings.Contains(err.Error(), a.far):
		t.Errorf("%s: the error names nothing of the application: %v", operation, err)
	}
	return false
}
