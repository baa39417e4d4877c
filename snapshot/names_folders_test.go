package snapshot_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// folderNames are the names of foldered, whose bytes are those of three indexes and
// of a database.
var folderNames = []string{"b/c/one.idx", "b/two.idx", "a/é.idx", snapshot.DatabaseName}

func folderBytes() files {
	return files{indexImage(1, 3), indexImage(2, 5), indexImage(3, 0), noise(4, 5*pageSize)}
}

// foldered are the rows of a snapshot whose index files lie in folders.
func foldered(t testing.TB) []snapshot.Row {
	var sources []snapshot.Source
	for i, b := range folderBytes() {
		f := snapshot.File{Name: folderNames[i], Type: snapshot.TypeIndex, Size: int64(len(b)), Table: folderNames[i]}
		if i == len(folderNames)-1 {
			f.Type, f.PageSize = snapshot.TypeDatabase, pageSize
		}
		sources = append(sources, snapshot.Source{File: f, Reader: bytes.NewReader(b)})
	}
	return collect(t, open(t, sources, snapshot.Options{ChunkSize: smallChunk}))
}

func wantFolders(t testing.TB, dir string) {
	t.Helper()
	for i, b := range folderBytes() {
		if got, err := os.ReadFile(filepath.Join(dir, folderNames[i])); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s: got %d bytes, %v, want the %d exported", folderNames[i], len(got), err, len(b))
		}
	}
}

// Folders are made before what is in them, and synced after it, each once.
func TestFoldersSteps(t *testing.T) {
	parent, disk := t.TempDir(), &tracingFS{FS: snapshot.OS}
	if _, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{FS: disk}, foldered(t)); err != nil {
		t.Fatal(err)
	}
	wantFolders(t, filepath.Join(parent, "out"))
	got := regexp.MustCompile(`(?m)^(mkdir|create|sync|syncdir|rename) .*`).FindAllString(disk.steps(parent), -1)
	want := []string{
		"mkdir P/S",
		"mkdir P/S/b", "mkdir P/S/b/c", "create P/S/b/c/one.idx", "create P/S/b/two.idx", "mkdir P/S/a", "create P/S/a/é.idx", "create P/S/database.db",
		"sync P/S/b/c/one.idx", "sync P/S/b/two.idx", "sync P/S/a/é.idx", "sync P/S/database.db",
		"syncdir P/S/a", "syncdir P/S/b/c", "syncdir P/S/b", "syncdir P/S", "rename P/S to P/out", "syncdir P",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// A folder that cannot be made or synced ends the restore, and nothing is left.
func TestFoldersFail(t *testing.T) {
	rows := foldered(t)
	for fail := 1; ; fail++ {
		parent, disk := t.TempDir(), &tracingFS{FS: snapshot.OS, fail: fail}
		_, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{FS: disk}, rows)
		if len(disk.trace) < fail {
			return
		}
		step := disk.trace[fail-1]
		if !strings.HasPrefix(step, "mkdir") && !strings.HasPrefix(step, "syncdir") {
			continue
		}
		if !errors.Is(err, errDisk) || !isOneLine(err.Error()) {
			t.Errorf("%s fails: got %v, want the cause", step, err)
		}
		if left := list(t, parent); len(left) != 0 {
			t.Errorf("%s fails: left %q", step, left)
		}
	}
}

// A tar stream has the folders in the names of its entries; tar makes them.
func TestFoldersInTar(t *testing.T) {
	rows, dir := foldered(t), t.TempDir()
	whole := writeTar(t, rows)
	got, err := readTar(bytes.NewReader(whole))
	if err != nil || !slices.Equal(essence(got), essence(rows)) {
		t.Errorf("got other rows, %v", err)
	}
	if verdict := verify(t, nil, got); verdict != "ok" {
		t.Error(verdict)
	}
	command := exec.Command("tar", "xf", "-")
	command.Dir, command.Stdin = dir, bytes.NewReader(whole)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wantFolders(t, dir)
}

// A poorFS has no descriptor for the removal of a directory with what is in it.
type poorFS struct{ snapshot.FS }

func (poorFS) RemoveAll(string) error { return syscall.EMFILE }

// A restore that is given up for want of descriptors needs none to leave nothing.
func TestGivenUpWithoutDescriptors(t *testing.T) {
	parent, rows := t.TempDir(), foldered(t)
	r, err := snapshot.NewRestorer(filepath.Join(parent, "out"), vectorlite.Check, unmoved, snapshot.RestoreOptions{FS: poorFS{snapshot.OS}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows[:4] {
		if err := r.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if left := list(t, parent); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}
