package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
)

// errNotWritten says that vectorlite did not open the file: it could not, or a
// statement that we did not recognise keeps the table connected.
var errNotWritten = errors.New("vectorlite did not open it")

// finish keeps what vectorlite wrote, if it is whole, and otherwise puts the file
// of before back. written says which.
func (x *exchange) finish() (id identity, written bool, err error) {
	defer x.close()
	if id, err = x.check(); err != nil {
		return id, false, x.lost(err, x.putBack(true))
	}
	beforeStep("remove")
	if err := os.Remove(x.aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return id, true, fmt.Errorf("index file %s of table %s was written, and the file of before could not be removed: %w; remove %s",
			fault.Quote(x.Path), fault.Quote(x.Name), fault.Cause(err), fault.QuoteWhole(x.aside))
	}
	return id, true, nil
}

// lost says why nothing was written, and where the file of before is.
func (x *exchange) lost(failed, back error) error {
	where := "The file is what it was before the flush"
	switch {
	case back != nil && x.old == nil:
		where = fmt.Sprintf("What is there could not be removed (%v): remove %s", fault.Cause(back), fault.QuoteWhole(x.path))
	case back != nil:
		where = fmt.Sprintf("The file of before could not be put back (%v): rename %s to %s", fault.Cause(back), fault.QuoteWhole(x.aside), fault.QuoteWhole(x.path))
	}
	return fmt.Errorf("index file %s of table %s was not written whole (%w), and %w; is the disk full, or are too many files open? %s",
		fault.Quote(x.Path), fault.Quote(x.Name), failed, ErrVectorsLost, where)
}

// putBack gives the name back to the file of before. Where there was none, it
// removes what vectorlite made, if it made any.
func (x *exchange) putBack(made bool) error {
	beforeStep("put back")
	if x.old != nil {
		return os.Rename(x.aside, x.path)
	}
	var err error
	if made {
		err = os.Remove(x.path)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = os.Remove(x.aside)
	}
	return err
}

// check looks at what vectorlite wrote, makes it durable, and waits until the
// next change of the file would show.
func (x *exchange) check() (id identity, err error) {
	f, err := x.written()
	if err != nil {
		return id, err
	}
	if f != x.made {
		defer f.Close()
	}
	st, err := f.stat()
	if err != nil {
		return id, err
	}
	if st.Size == 0 && st.Mtim == (unix.Timespec{}) {
		return id, errNotWritten
	}
	if err := hnsw.CheckLength(f, st.Size); err != nil {
		return id, err
	}
	beforeStep("sync")
	if err := f.f.Sync(); err != nil {
		return id, err
	}
	if err := snapshot.OS.SyncDir(filepath.Dir(x.path)); err != nil {
		return id, err
	}
	id, ok, err := settle(f)
	if err == nil && !ok {
		err = fault.New(fault.ErrChanged, "somebody else writes it")
	}
	return id, err
}

// written is the file that the path leads to now: the one that was made, or
// another where somebody removed that.
func (x *exchange) written() (*steppedFile, error) {
	if x.made.named(x.path) {
		return x.made, nil
	}
	f, err := openStepped(x.path)
	if x.old == nil && errors.Is(err, fs.ErrNotExist) {
		err = errNotWritten
	}
	return f, err
}

func (x *exchange) close() {
	for _, f := range []*steppedFile{x.old, x.made} {
		if f != nil {
			f.Close()
		}
	}
}
