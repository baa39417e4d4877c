package snapshot_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// What tar makes of files that it finds twice, as links, or with holes says so.
func TestTarOfOtherFiles(t *testing.T) {
	rows := files{make([]byte, mib), indexImage(2, 3), indexImage(2, 3)}.rows(t, 65536)
	for name, c := range map[string]struct{ make, format, want string }{
		"a hard link":     {"ln index_0.idx index_1.idx", "pax", "'x.tar': entry index_1.idx is a hard link"},
		"a symbolic link": {"ln -s index_0.idx index_1.idx", "gnu", "'x.tar': entry index_1.idx is a symbolic link"},
		"a directory":     {"mkdir index_1.idx", "pax", "'x.tar': entry index_1.idx is a directory"},
		"holes, gnu":      {"cp index_0.idx index_1.idx; truncate -s 1M database.db", "gnu", "'x.tar': entry database.db is a sparse file"},
		"holes, pax":      {"cp index_0.idx index_1.idx; truncate -s 1M database.db", "pax", "'x.tar': entry database.db is a sparse file"},
	} {
		dir := t.TempDir()
		for name, text := range map[string][]byte{"metadata.json": []byte(rows[0].Metadata), "index_0.idx": indexImage(2, 3), "database.db": nil} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		out := filepath.Join(t.TempDir(), "x.tar")
		command := exec.Command("sh", "-c", c.make+"; tar --sparse --format "+c.format+" -cf "+out+" metadata.json index_0.idx index_1.idx database.db")
		command.Dir = dir
		if text, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s%v", text, err)
		}
		want := c.want + ", must be a regular file with all its bytes"
		if _, err := readSaved(out); err == nil || err.Error() != want || !errors.Is(err, snapshot.ErrDamaged) {
			t.Errorf("%s:\n got %v\nwant %s", name, err, want)
		}
	}
}
