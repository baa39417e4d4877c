package live_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A file that lost its name has another ctime without having changed. Where its
// bytes changed before, its size or its mtime says so.
func TestIndexFileIdentity(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(path string) error
	}{
		{"size", func(path string) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			return errors.Join(os.Truncate(path, info.Size()-1), os.Chtimes(path, info.ModTime(), info.ModTime()), os.Remove(path))
		}},
		{"mtime", func(path string) error {
			return errors.Join(os.WriteFile(path, testkit.IndexImage(2, 3), 0o600), os.Remove(path))
		}},
	} {
		path := writeIndex(t, testkit.IndexImage(1, 3))
		i := openIndex(t, path)
		if err := c.do(path); err != nil {
			t.Fatal(err)
		}
		if err := i.Unchanged(); !errors.Is(err, snapshot.ErrChanged) {
			t.Errorf("%s: got %v, want %v", c.name, err, snapshot.ErrChanged)
		}
	}
}

// What looks like damage in a file that is being rewritten is a change.
func TestIndexFileCheckSeesChanges(t *testing.T) {
	path := writeIndex(t, testkit.IndexImage(1, 3))
	i := openIndex(t, path)
	if err := os.WriteFile(path, make([]byte, len(testkit.IndexImage(1, 3))), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Check(proceed); !errors.Is(err, snapshot.ErrChanged) {
		t.Errorf("got %v, want %v", err, snapshot.ErrChanged)
	}
}

// A file whose changes do not end is waited for a while only.
func TestIndexFileThatNeverSettles(t *testing.T) {
	path := writeIndex(t, testkit.IndexImage(1, 3))
	defer live.AtStep(func(operation string) {
		if now := time.Now(); operation == "fstat" {
			if err := os.Chtimes(path, now, now); err != nil {
				t.Error(err)
			}
		}
	})()
	i, err := live.OpenIndexFile(vectorlite.Table{Name: "docs_vec", Path: path})
	if err == nil {
		i.Close()
	}
	if !errors.Is(err, snapshot.ErrChanged) {
		t.Errorf("got %v, want %v", err, snapshot.ErrChanged)
	}
}
