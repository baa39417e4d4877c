package live_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// Each event at each operation of a save, as vx_snapshot_save makes one: the file has the index as it was when
// the export began, whole, or there is an error and no file.
func TestEventAtEveryStepOfSave(t *testing.T) {
	before, after := testkit.IndexImage(1, 400), testkit.IndexImage(2, 500)
	for _, event := range events {
		whole, failed := 0, 0
		for step, fired := 1, true; fired; step++ {
			conn, _, index := indexed(t)
			if err := os.WriteFile(index, before, 0o600); err != nil {
				t.Fatal(err)
			}
			age(t, index)
			known := ofDriver(t, conn)
			directory := t.TempDir()
			path := filepath.Join(directory, "a.tar")
			n := 0
			fired = false
			at := func() {
				if n++; n == step {
					fired = true
					if err := event.do(index, after); err != nil {
						t.Error(err)
					}
				}
			}
			stop := live.AtStep(func(string) { at() })
			err := save(known, path, disk{snapshot.OS, at})
			stop()
			names, late := os.ReadDir(directory)
			switch rows, unread := savedRows(known, path); {
			case late != nil:
				t.Fatal(late)
			case err != nil:
				failed++
				if len(names) > 0 || !errors.Is(err, snapshot.ErrChanged) && !errors.Is(err, snapshot.ErrIndexFile) && !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s at step %d: got %v, left %v", event.name, step, err, names)
				}
			case unread != nil || len(names) != 1:
				t.Errorf("%s at step %d: %v, there are %v", event.name, step, unread, names)
			default:
				whole++
				if got := bytesOf(rows, "index_0.idx"); !bytes.Equal(got, before) && !bytes.Equal(got, after) {
					t.Errorf("%s at step %d: the file has %d bytes that are not those of an index file", event.name, step, len(got))
				}
			}
			if conn.Close(); !fired && step < 16 {
				t.Errorf("%s: %d steps, %v", event.name, step, err)
			}
		}
		if whole == 0 || event.name == "truncation" && failed == 0 {
			t.Errorf("%s: %d whole, %d failed", event.name, whole, failed)
		}
	}
}

// save does what vx_snapshot_save does.
func save(known *live.Conn, path string, fs snapshot.FS) (err error) {
	file, err := snapshot.Create(path, fs, known.Interrupted)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	e, err := known.Export("main", live.ExportOptions{})
	if err != nil {
		return err
	}
	defer e.Close()
	if _, err := e.Tar().WriteTo(file); err != nil {
		return err
	}
	return file.Commit()
}

func savedRows(known *live.Conn, path string) (rows []snapshot.Row, err error) {
	s, err := known.OpenSaved(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for {
		more, err := s.Next()
		if err != nil || !more {
			return rows, err
		}
		kept := *s.Row()
		kept.Data = slices.Clone(kept.Data)
		rows = append(rows, kept)
	}
}
