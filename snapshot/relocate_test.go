package snapshot_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// A relocator is what a function does in the place of Relocate.
type relocator func(database, directory string, files []snapshot.Part) error

func (relocator) CheckDirectory(string) error { return nil }

func (relocator) Mentions(snapshot.Part) (bool, error) { return true, nil }

func (r relocator) Relocate(database, directory string, files []snapshot.Part) error {
	return r(database, directory, files)
}

func TestRelocate(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	want := files{noise(1, 1024), indexImage(1, 2), indexImage(2, 3)}
	calls := 0
	_, err := restoreWith(dir, func(path, directory string, parts []snapshot.Part) error {
		calls++
		if b, err := os.ReadFile(path); err != nil || !slices.Equal(b, want[0]) {
			t.Errorf("the database is not in %s: %v", path, err)
		}
		if _, err := os.Lstat(dir); !filepath.IsAbs(path) || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Relocate of %s came after the target appeared", path)
		}
		if directory != dir {
			t.Errorf("the directory is %s, want %s", directory, dir)
		}
		for i, part := range parts {
			b := make([]byte, part.File.Size)
			if _, err := part.ReadAt(b, 0); err != nil || !slices.Equal(b, want[i+1]) {
				t.Errorf("%s: other bytes than the snapshot's: %v", part.File.Name, err)
			}
			if name := fmt.Sprintf("index_%d.idx of table_%d", i, i); part.File.Name+" of "+part.File.Table != name {
				t.Errorf("part %d: got %s of %s, want %s", i, part.File.Name, part.File.Table, name)
			}
		}
		if len(parts) != 2 {
			t.Errorf("got %d parts, want 2", len(parts))
		}
		want[0] = noise(8, 1024)
		return os.WriteFile(path, want[0], 0o600)
	}, snapshot.RestoreOptions{}, want.rows(t, 0))
	if err != nil {
		t.Fatal(err)
	}
	if calls != 1 {
		t.Errorf("Relocate was called %d times", calls)
	}
	wantFiles(t, dir, want)
}

// A schema names files of the live database also where the snapshot has none.
func TestRelocateWithoutIndexFiles(t *testing.T) {
	calls := 0
	relocate := func(database, directory string, parts []snapshot.Part) error {
		calls++
		if filepath.Base(database) != "database.db" || filepath.Base(directory) != "out" || len(parts) != 0 {
			t.Errorf("got %s, %s, %d parts", database, directory, len(parts))
		}
		return nil
	}
	alone := files{noise(1, 1024)}
	dir := filepath.Join(t.TempDir(), "out")
	if _, err := restoreWith(dir, relocate, snapshot.RestoreOptions{}, alone.rows(t, 0)); err != nil {
		t.Fatal(err)
	}
	if calls != 1 {
		t.Errorf("Relocate was called %d times, want once", calls)
	}
	wantFiles(t, dir, alone)
}

func TestRelocateIsNotCalled(t *testing.T) {
	never := func(path, _ string, _ []snapshot.Part) error {
		t.Errorf("Relocate was called with %s", path)
		return nil
	}
	damaged := small().rows(t, smallChunk)
	damaged[14].Data[0] ^= 1
	if _, err := restoreWith(filepath.Join(t.TempDir(), "out"), never, snapshot.RestoreOptions{}, damaged); !errors.Is(err, snapshot.ErrDamaged) {
		t.Errorf("got %v, want damage", err)
	}
}

func TestRelocateFails(t *testing.T) {
	parent, cause := t.TempDir(), errors.New("no such table: table_0")
	_, err := restoreWith(filepath.Join(parent, "out"), func(string, string, []snapshot.Part) error { return cause },
		snapshot.RestoreOptions{}, small().rows(t, smallChunk))
	const want = "let the restored schema name the restored index files: no such table: table_0"
	if !errors.Is(err, cause) || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
	if left := list(t, parent); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

// A WAL that SQLite left beside the database would have the new paths, and the
// database the old ones.
func TestRelocateLeavesWAL(t *testing.T) {
	parent := t.TempDir()
	leave := func(path, _ string, _ []snapshot.Part) error {
		return os.WriteFile(path+"-wal", []byte("frames"), 0o600)
	}
	_, err := restoreWith(filepath.Join(parent, "out"), leave, snapshot.RestoreOptions{}, small().rows(t, smallChunk))
	if err == nil || !strings.Contains(err.Error(), "the new names are still in database.db-wal") {
		t.Errorf("restore: %v", err)
	}
	if left := list(t, parent); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
