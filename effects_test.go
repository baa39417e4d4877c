package vxsnap_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap"
)

// A save leaves the files of a database as they were: with either journal, and with a WAL
// that a writer which was killed has left. Only a hot journal is rolled back first, as by
// any reader.
func TestSaveHasNoEffect(t *testing.T) {
	for name, c := range map[string]struct {
		mode   string
		killed string
		rows   string
	}{
		"rollback journal": {"DELETE", "", "5"},
		"WAL":              {"WAL", "", "5"},
		"a WAL is left":    {"WAL", "INSERT INTO t VALUES (6, 'x')", "6"},
	} {
		path := database(t, 5, "PRAGMA journal_mode = "+c.mode)
		if c.killed != "" {
			kill(t, path, c.killed)
		}
		before := files(t, filepath.Dir(path))
		var b bytes.Buffer
		if _, err := vxsnap.Save(ctx, path, &b, vxsnap.SaveOptions{}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		after := files(t, filepath.Dir(path))
		delete(before, "app.db-shm") // SQLite's notes of the WAL, which any reader makes again
		delete(after, "app.db-shm")
		if len(before) != len(after) {
			t.Errorf("%s: %d files before, %d after", name, len(before), len(after))
		}
		for file := range before {
			if before[file] != after[file] {
				t.Errorf("%s: %s has changed", name, file)
			}
		}
		if got := count(t, &b); got != c.rows {
			t.Errorf("%s: %s rows, want %s", name, got, c.rows)
		}
	}
}

// A transaction that a killed writer left half done is no part of a snapshot.
func TestSaveAfterAKill(t *testing.T) {
	path := database(t, 5)
	kill(t, path, "PRAGMA cache_size = 1; BEGIN; UPDATE t SET b = zeroblob(1000); INSERT INTO t SELECT a, b FROM t; INSERT INTO t SELECT a, b FROM t")
	if _, err := os.Stat(path + "-journal"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := vxsnap.Save(ctx, path, &b, vxsnap.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := count(t, &b); got != "5" {
		t.Errorf("%s rows, want 5", got)
	}
}

// count restores a snapshot, and counts its rows.
func count(t *testing.T, r io.Reader) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	if _, err := vxsnap.Restore(ctx, r, out, vxsnap.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	_, conn := connect(t, "sqlite3", filepath.Join(out, "database.db"))
	return text(t, conn, "SELECT count(*) FROM t")
}

// kill runs statements in another process, which is then killed.
func kill(t *testing.T, path, statements string) {
	t.Helper()
	cmd := exec.Command("sqlite3", "-batch", path)
	cmd.Stdin = strings.NewReader(statements + ";\n.shell kill -9 $PPID\n")
	if out, err := cmd.CombinedOutput(); err == nil || len(out) > 0 {
		t.Fatalf("%s%v", out, err)
	}
}

// files gives the bytes and the time of each file of a folder.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		info, failed := entry.Info()
		if err != nil || failed != nil {
			t.Fatal(err, failed)
		}
		all[entry.Name()] = info.ModTime().String() + string(content)
	}
	return all
}
