package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
)

// errNotWritten says that vectorlite did not open the file: it could not, or a
// statement that we did not recognise keeps the table connected.
var errNotWritten = errors.New("vectorlite did not open it")

// finish keeps what vectorlite wrote, if it is whole, and otherwise puts the file
// of before back.
func (x *exchange) finish() (id identity, err error) {
	defer x.close()
	if id, err = x.check(); err != nil {
		if back := x.putBack(); back != nil {
			err = fmt.Errorf("%w, and the file of before could not be put back: %w; rename %s to %s", err, back, fault.Quote(x.aside), fault.Quote(x.path))
		}
		return id, err
	}
	if x.old != nil {
		beforeStep("remove")
		err = os.Remove(x.aside)
	}
	return id, err
}

// putBack gives the name back to the file of before.
func (x *exchange) putBack() error {
	beforeStep("put back")
	if x.old != nil {
		return os.Rename(x.aside, x.path)
	}
	if err := os.Remove(x.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
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
	if err := syncDirectory(filepath.Dir(x.path)); err != nil {
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
	named, err := statPath(x.path)
	if err == nil {
		made, err := x.made.stat()
		if err == nil && identityOf(&made).file == identityOf(&named).file {
			return x.made, nil
		}
	}
	f, err := openStepped(x.path)
	if x.old == nil && errors.Is(err, fs.ErrNotExist) {
		err = errNotWritten
	}
	return f, err
}

func syncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func (x *exchange) close() {
	for _, f := range []*steppedFile{x.old, x.made} {
		if f != nil {
			f.Close()
		}
	}
}
