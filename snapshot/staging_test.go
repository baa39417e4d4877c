package snapshot_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

const useEmpty = "; name a directory that does not exist yet or is empty"

// The names are relative to a directory with these in it: a file, an empty
// directory, a full one, a link to the empty one and one to nothing.
func TestRestoreTarget(t *testing.T) {
	for _, c := range []struct{ target, want string }{
		{"new", ""},
		{"new/", ""},
		{"empty", ""},
		{"empty/", ""},
		{"./empty/../new", ""},
		{"full", "directory 'full' is not empty" + useEmpty},
		{"file", "'file' exists and is not a directory" + useEmpty},
		{"link", "'link' exists and is not a directory" + useEmpty},
		{"dangling", "'dangling' exists and is not a directory" + useEmpty},
		{"gone/new", "the parent of directory 'gone/new' does not exist; make it first"},
		{"", "directory '' is not the name of a directory"},
		{"a\x00b", "directory 'a?b' is not the name of a directory"},
		{strings.Repeat("n", 255), ""},
	} {
		t.Run(c.target, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, err := range []error{
				os.WriteFile("file", []byte("mine"), 0o600), os.Mkdir("empty", 0o700), os.MkdirAll("full/mine", 0o700),
				os.Symlink("empty", "link"), os.Symlink("nothing", "dangling"),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			before := list(t, ".")
			_, err := restore(c.target, snapshot.RestoreOptions{}, small().rows(t, smallChunk))
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				wantFiles(t, c.target, small())
				before = append(before, filepath.Base(c.target))
				slices.Sort(before)
				before = slices.Compact(before)
			} else if err == nil || err.Error() != c.want || !errors.Is(err, snapshot.ErrTarget) {
				t.Errorf("\n got %v\nwant %q, as ErrTarget", err, c.want)
			}
			if after := list(t, "."); !slices.Equal(after, before) {
				t.Errorf("the parent: got %q, want %q", after, before)
			}
		})
	}
}

// What appears under the target's name during a restore is not touched.
func TestRestoreTargetTakenMeanwhile(t *testing.T) {
	for _, c := range []struct {
		name string
		take func(dir string) error
	}{
		{"file", func(dir string) error { return os.WriteFile(dir, []byte("mine"), 0o600) }},
		{"directory", func(dir string) error { return os.MkdirAll(filepath.Join(dir, "mine"), 0o700) }},
		{"link", func(dir string) error { return os.Symlink("/", dir) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "out")
			_, err := restoreWith(dir, func(string, string, []snapshot.Part) error {
				return c.take(dir)
			}, snapshot.RestoreOptions{}, small().rows(t, smallChunk))
			if err == nil || !strings.HasPrefix(err.Error(), "rename the staging directory to '"+dir[:min(len(dir), 80)]) {
				t.Errorf("got %v, want the rename to fail", err)
			}
			if left := list(t, parent); !slices.Equal(left, []string{"out"}) {
				t.Errorf("the parent holds %q, want out alone", left)
			}
			info, err := os.Lstat(dir)
			if err != nil {
				t.Fatal(err)
			}
			if info.IsDir() && !slices.Equal(list(t, dir), []string{"mine"}) {
				t.Errorf("the directory holds %q, want what was put there", list(t, dir))
			}
		})
	}
}
