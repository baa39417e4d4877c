package snapshot_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/vxsnap/vxsnap/snapshot"
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

// openRaises opens the sources, whose panic must reach the caller of Open.
func openRaises(t *testing.T, sources []snapshot.Source) {
	t.Helper()
	var err error
	if got := raised(func() { _, err = snapshot.Open(sources, snapshot.Options{}) }); got != "boom" {
		t.Errorf("got the panic %v and the error %v, want the panic of the Reader", got, err)
	}
}

// Whichever Reader panics, it does so on the goroutine that calls Open, where
// somebody can recover.
func TestOpenPanics(t *testing.T) {
	for i := range 3 {
		t.Run(fmt.Sprint("source ", i), func(t *testing.T) {
			sources := files{noise(1, 1024), indexImage(1, 3), indexImage(2, 3)}.sources()
			sources[i].Reader = funcReader(boom)
			openRaises(t, sources)
		})
	}
}

// Neither a panic nor an error of the database leaves a goroutine that reads, or
// loses the panic of an index file.
func TestOpenPanicsMeanwhile(t *testing.T) {
	for name, database := range map[string]func() error{
		"a panic": boom, "an error": func() error { return errors.New("no luck") },
	} {
		for name2, index := range map[string]func() error{"a panic": boom, "an end": func() error { return io.EOF }} {
			if name == "an error" && name2 == "an end" {
				continue // TestOpenErrors
			}
			t.Run(name+" and "+name2, func(t *testing.T) {
				sources := small().sources()
				reading, ended := make(chan struct{}), false
				sources[0].Reader = funcReader(func() error {
					<-reading
					return database()
				})
				sources[1].Reader = funcReader(func() error {
					close(reading)
					time.Sleep(20 * time.Millisecond)
					ended = true
					return index()
				})
				openRaises(t, sources)
				if !ended {
					t.Error("an index file is being read")
				}
			})
		}
	}
}

// What panics while it hashes does so where somebody waits for the hash.
func TestHashPanics(t *testing.T) {
	h := snapshot.NewHasher()
	defer h.Close()
	for range 10 { // more than there are buffers
		h.Write(panickingHash{}, make([]byte, mib))
	}
	for range 2 {
		if got := raised(h.Wait); got != "boom" {
			t.Errorf("got %v, want the panic of the hash", got)
		}
	}
}

// A panickingHash cannot be written to.
type panickingHash struct{}

func (panickingHash) Write([]byte) (int, error) { panic("boom") }
func (panickingHash) Sum(b []byte) []byte       { return b }
func (panickingHash) Reset()                    {}
func (panickingHash) Size() int                 { return 0 }
func (panickingHash) BlockSize() int            { return 1 }

func TestOpenWithoutReader(t *testing.T) {
	for i, want := range []string{
		"the source database.db has no Reader, which must give its 1024 bytes",
		"the source index_0.idx has no Reader, which must give its 204 bytes",
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
