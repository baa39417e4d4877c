package over_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live/over"
)

var shapes = map[string]shape{
	"rollback journal":        {journal: "delete"},
	"journal that stays":      {journal: "persist"},
	"WAL":                     {journal: "wal"},
	"WAL with content":        {journal: "wal", wal: true},
	"index on another device": {journal: "wal", far: true},
}

// The new files have the names, modes and owners of the old ones, which are aside, whole.
func TestRestore(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			a := shape.build(t)
			docs := filepath.Join(a.far, "docs.idx")
			for path, mode := range map[string]os.FileMode{a.database: 0o640, docs: 0o604} {
				if err := os.Chmod(path, mode); err != nil {
					t.Fatal(err)
				}
				if os.Geteuid() == 0 {
					if err := os.Chown(path, 1234, 1235); err != nil {
						t.Fatal(err)
					}
				}
			}
			r, err := a.restore(over.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for path, mode := range map[string]uint32{a.database: 0o640, docs: 0o604} {
				var st unix.Stat_t
				if err := unix.Stat(path, &st); err != nil || st.Mode&0o7777 != mode || os.Geteuid() == 0 && (st.Uid != 1234 || st.Gid != 1235) {
					t.Errorf("%s has mode %o and owner %d:%d, %v", path, st.Mode, st.Uid, st.Gid, err)
				}
			}
			a.want(t, "restored", isNew)
			if _, err := os.Lstat(filepath.Join(a.far, "late.idx")); err == nil {
				t.Error("the index of a table that is gone is still there")
			}
			goBack(t, a, r)
			a.want(t, "by hand", isOld)
		})
	}
}

// goBack gives the old files their names, as the result says.
func goBack(t *testing.T, a app, r *over.Result) {
	t.Helper()
	if r.Database != a.database || r.Unreadable {
		t.Errorf("got %+v", r)
	}
	for _, f := range r.Files {
		if f.New {
			if err := os.Remove(f.Path); err != nil {
				t.Error(err)
			}
		}
	}
	for _, f := range r.Files {
		if f.Before == "" {
			continue
		}
		if err := os.Rename(f.Before, f.Path); err != nil {
			t.Error(err)
		}
	}
	left := slices.DeleteFunc(a.left(t), func(path string) bool { return slices.Contains([]string{".idx", ".db"}, filepath.Ext(path)) })
	for _, path := range left {
		if path != r.Before && path != a.database+"-journal" {
			t.Errorf("there is %s", path)
		}
	}
}
