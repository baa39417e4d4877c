package snapshot_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// many has more files than a restore keeps open.
func many() files {
	all := files{noise(1, 1024)}
	for i := range 17 {
		all = append(all, indexImage(byte(i), 3))
	}
	return all
}

// most is how many of the files of a restore were open at once.
func most(trace []string) (most int) {
	open := 0
	for _, step := range trace {
		switch word, name, _ := strings.Cut(step, " "); {
		case strings.Contains(name, "/.vxsnap-"): // the rows that wait
		case word == "create", word == "open":
			open++
		case word == "close":
			open--
		}
		most = max(most, open)
	}
	return most
}

// A restore has few descriptors open, however many files there are and in whatever
// order their rows come.
func TestOpenFilesOfARestore(t *testing.T) {
	for _, order := range orders {
		t.Run(order.name, func(t *testing.T) {
			rows := many().rows(t, smallChunk)
			order.apply(rows)
			dir, disk := filepath.Join(t.TempDir(), "out"), &tracingFS{FS: snapshot.OS}
			if _, err := restore(dir, snapshot.RestoreOptions{FS: disk}, rows); err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir, many())
			if got := most(disk.trace); got < 16 || got > 17 {
				t.Errorf("%d files were open at once, want 16 and a new one", got)
			}
		})
	}
}

// A file that cannot be opened again, or closed in between, ends the restore, which
// leaves nothing.
func TestOpenFilesFail(t *testing.T) {
	rows := many().rows(t, smallChunk)
	slices.Reverse(rows)
	whole := &tracingFS{FS: snapshot.OS}
	if _, err := restore(filepath.Join(t.TempDir(), "out"), snapshot.RestoreOptions{FS: whole}, rows); err != nil {
		t.Fatal(err)
	}
	tested := map[string]int{}
	for i, step := range whole.trace {
		word, name, _ := strings.Cut(step, " ")
		if word != "open" && word != "close" || strings.Contains(name, "/.vxsnap-") {
			continue
		}
		tested[word]++
		parent := t.TempDir()
		disk := &tracingFS{FS: snapshot.OS, fail: i + 1}
		_, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{FS: disk}, rows)
		if !errors.Is(err, errDisk) || errors.Is(err, snapshot.ErrDamaged) || !isOneLine(err.Error()) {
			t.Errorf("step %d, %s: got %v, want the cause", i, word, err)
		}
		if left := list(t, parent); len(left) != 0 {
			t.Errorf("step %d, %s: left %q", i, word, left)
		}
	}
	if tested["open"] == 0 || tested["close"] <= len(many()) {
		t.Errorf("%v steps failed: this tested nothing", tested)
	}
}
