package snapshot_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

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
		got, err := vectorlite.Relocations(directory, parts)
		if err != nil {
			t.Error(err)
		}
		expected := []vectorlite.Relocation{
			{
				Table: "table_0", Path: filepath.Join(dir, "index_0.idx"),
				Index: hnsw.Info{Elements: 2, MaxElements: 12, VectorSize: 4},
			},
			{
				Table: "table_1", Path: filepath.Join(dir, "index_1.idx"),
				Index: hnsw.Info{Elements: 3, MaxElements: 13, VectorSize: 4},
			},
		}
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Errorf("relocations (-want +got):\n%s", diff)
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

func TestRelocateIsNotCalled(t *testing.T) {
	never := func(path, _ string, _ []snapshot.Part) error {
		t.Errorf("Relocate was called with %s", path)
		return nil
	}
	alone := files{noise(1, 1024)}
	dir := filepath.Join(t.TempDir(), "out")
	if _, err := restoreWith(dir, never, snapshot.RestoreOptions{}, alone.rows(t, 0)); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, alone)

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
