package snapshot_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// inLinks makes a directory, the current one, in which "link" leads to other/deep.
func inLinks(t *testing.T) (here string) {
	t.Helper()
	here, err := filepath.EvalSymlinks(shortDir(t))
	for _, err := range []error{
		err, os.MkdirAll(filepath.Join(here, "other/deep/empty"), 0o700), os.MkdirAll(filepath.Join(here, "work"), 0o700),
		os.Symlink("../other/deep", filepath.Join(here, "work/link")), os.Symlink(here, filepath.Join(here, "here")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(here, "work"))
	return here
}

// What is after ".." is where the system finds it, also behind a symbolic link.
func TestPathsLeadWhereTheSystemGoes(t *testing.T) {
	for path, want := range map[string]string{
		"out.tar":                      "work/out.tar",
		"../out.tar":                   "out.tar",
		"link/out.tar":                 "other/deep/out.tar",
		"link/../out.tar":              "other/out.tar",
		"link/./..//../out.tar":        "out.tar",
		"link/../../work/link/out.tar": "other/deep/out.tar",
		"$/here/work/link/../out.tar":  "other/out.tar",
		"$//here//out.tar":             "out.tar",
	} {
		here := inLinks(t)
		path = strings.ReplaceAll(path, "$", here)
		want = filepath.Join(here, want)
		file, err := snapshot.Create(path, nil, nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if err := errors.Join(file.Commit(), file.Close()); err != nil || file.Path() != want {
			t.Errorf("%s: the file is %s, want %s, %v", path, file.Path(), want, err)
		}
		// os.Stat leaves the path to the system.
		is, err := os.Stat(path)
		at, other := os.Stat(want)
		if err != nil || other != nil || !os.SameFile(is, at) {
			t.Errorf("%s: the system finds %v, %v, %v", path, is, err, other)
		}
		if err := os.Remove(want); err != nil {
			t.Error(err)
		}
		if _, err := restore(path, snapshot.RestoreOptions{}, small().rows(t, smallChunk)); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		wantFiles(t, want, small())
	}
}

// A path may end in any way that leads to a directory.
func TestPathsOfDirectories(t *testing.T) {
	for path, want := range map[string]string{
		"link/empty": "other/deep/empty", "link/empty//": "other/deep/empty", "link/empty/.": "other/deep/empty", "link/empty/./": "other/deep/empty",
		"link/../new/": "other/new", "../other/deep/empty/new/": "other/deep/empty/new",
	} {
		here := inLinks(t)
		r, err := snapshot.NewRestorer(path, vectorlite.Check, unmoved, snapshot.RestoreOptions{})
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if got, want := r.Target(), filepath.Join(here, want); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	for path, want := range map[string]string{
		"..":           "directory '..' is not empty" + useEmpty,
		"link/..":      "directory 'link/..' is not empty" + useEmpty,
		"/":            "directory '/' is not empty" + useEmpty,
		"//":           "directory '//' is not empty" + useEmpty,
		"nosuch/..":    "the parent of directory 'nosuch/..' does not exist; make it first",
		"nosuch/../z":  "the parent of directory 'nosuch/../z' does not exist; make it first",
		"nosuch/.":     "the parent of directory 'nosuch/.' does not exist; make it first",
		"link/no/../z": "the parent of directory 'link/no/../z' does not exist; make it first",
	} {
		inLinks(t)
		_, err := snapshot.NewRestorer(path, vectorlite.Check, unmoved, snapshot.RestoreOptions{})
		if err == nil || err.Error() != want || !errors.Is(err, snapshot.ErrTarget) {
			t.Errorf("%s:\n got %v\nwant %s", path, err, want)
		}
	}
}
