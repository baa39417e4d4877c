package snapshot_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Rows that have to wait do so in a file in SQLITE_TMPDIR that has no name.
func TestTempDir(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("SQLITE_TMPDIR", temp)
	rows := small().rows(t, smallChunk)
	slices.Reverse(rows)
	disk := &tracingFS{FS: snapshot.OS}
	v := snapshot.NewVerifier(vectorlite.Check, disk, nil)
	defer v.Close()
	for i := range rows {
		if err := v.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
		if left := list(t, temp); len(left) != 0 {
			t.Fatalf("row %d: the directory lists %q", i, left)
		}
	}
	if len(disk.trace) == 0 || !strings.HasPrefix(disk.trace[0], "create "+temp+"/.vxsnap-") {
		t.Errorf("got the steps %q, want a file in %s first", disk.trace, temp)
	}

	t.Setenv("SQLITE_TMPDIR", filepath.Join(temp, "gone"))
	v = snapshot.NewVerifier(vectorlite.Check, nil, nil)
	defer v.Close()
	const want = "make a temporary file for rows that are not in order: "
	if err := v.Add(&rows[0]); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %q and that it does not exist", err, want)
	}
	t.Setenv("SQLITE_TMPDIR", "")
	if got, want := snapshot.TempDir(), os.TempDir(); got != want {
		t.Errorf("without SQLITE_TMPDIR: got %s, want %s", got, want)
	}
}
