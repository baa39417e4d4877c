package snapshot_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A funcReader is read by a call.
type funcReader func() error

func (f funcReader) ReadAt([]byte, int64) (int, error) { return 0, f() }

func boom() error { panic("boom") }

// raised is what do panics with, or nil.
func raised(do func()) (p any) {
	defer func() { p = recover() }()
	do()
	return nil
}

// Whichever Reader panics, it does so on the goroutine that calls Next, where
// somebody can recover.
func TestReaderPanics(t *testing.T) {
	for i := range 3 {
		t.Run(fmt.Sprint("source ", i), func(t *testing.T) {
			sources := files{noise(1, 1024), indexImage(1, 3), indexImage(2, 3)}.sources()
			sources[i].Reader = funcReader(boom)
			s := open(t, sources, snapshot.Options{})
			if got := raised(func() { _ = s.Each(func(*snapshot.Row) error { return nil }) }); got != "boom" {
				t.Errorf("got the panic %v, want that of the Reader", got)
			}
			if more, err := s.Next(); more || err == nil || err.Error() != panicked {
				t.Errorf("after the panic: got %t, %v", more, err)
			}
		})
	}
}

const panicked = "it has panicked, and cannot go on; begin anew"

// A restore in which something panicked does not go on, whoever recovered.
func TestSinkPanics(t *testing.T) {
	rows := small().rows(t, smallChunk)
	r, err := snapshot.NewRestorer(filepath.Join(t.TempDir(), "out"), vectorlite.Check, unmoved, snapshot.RestoreOptions{FS: panickingFS{snapshot.OS}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := raised(func() { _ = r.Add(&rows[0]) }); got != "boom" {
		t.Errorf("got the panic %v, want that of the FS", got)
	}
	for i := range rows {
		if err := r.Add(&rows[i]); err == nil || err.Error() != panicked {
			t.Errorf("after the panic: row %d: %v", i, err)
		}
	}
	if _, err := r.Finish(); err == nil || err.Error() != panicked {
		t.Errorf("after the panic: %v", err)
	}
}

// A panickingFS can create no file.
type panickingFS struct{ snapshot.FS }

func (panickingFS) Create(string) (snapshot.FSFile, error) { panic("boom") }

func TestOpenWithoutReader(t *testing.T) {
	for i, want := range []string{
		"the source index_0.idx has no Reader, which must give its 2040 bytes",
		"the source database.db has no Reader, which must give its 10240 bytes",
	} {
		sources := small().sources()
		sources[i].Reader = nil
		if _, err := snapshot.Open(sources, snapshot.Options{}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	empty := files{nil}.sources() // nothing is to be read
	empty[0].Reader = nil
	if rows := collect(t, open(t, empty, snapshot.Options{})); len(rows) != 3 {
		t.Errorf("an empty database: got %d rows, want 3", len(rows))
	}
}
