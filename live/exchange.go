package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// An exchange lets vectorlite write the index file of a table without a moment in
// which the file of before could be lost, or be found missing: vectorlite takes a
// missing file for an empty index, and later writes that back. An empty file,
// which vectorlite refuses to read, takes the name, and the file of before waits
// beside it until the new one is whole and synced.
type exchange struct {
	vectorlite.Table
	path  string       // through symbolic links
	aside string       // where the file of before waits
	old   *steppedFile // the file of before, locked; nil if there is none
	made  *steppedFile // the empty one, locked
}

// exchangeFile exchanges the file at a resolved path for an empty one. Where there
// is none, the empty one waits beside the path, and says that a flush goes on.
// After an error everything is as it was.
func exchangeFile(table vectorlite.Table, path string) (_ *exchange, err error) {
	x := &exchange{Table: table, path: path, aside: path + asideSuffix}
	if x.old, err = openStepped(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nothingWritten(cannotOpen(table, err))
	}
	defer func() {
		if err != nil {
			x.close()
		}
	}()
	if err := x.lock(); err != nil {
		return nil, err
	}
	if err := x.create(); err != nil {
		return nil, err
	}
	if x.old != nil {
		if err := x.swap(); err != nil {
			return nil, x.refuse("written", err, "make it writable")
		}
	}
	return x, nil
}

func (x *exchange) refuse(what string, err error, remedy string) error {
	return fmt.Errorf("nothing was written, because index file %s of table %s cannot be %s: %w; %s and flush again",
		fault.Quote(x.Path), fault.Quote(x.Name), what, fault.Cause(err), remedy)
}

// swap gives the name to the empty file. A file system that cannot exchange two
// names does it in two steps, of which each leaves the name to one of the files.
func (x *exchange) swap() error {
	beforeStep("exchange")
	err := exchangeNames(x.aside, x.path)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP) {
		err = x.swapByLink()
	}
	if err != nil {
		_ = os.Remove(x.aside)
		return err
	}
	if !x.old.named(x.aside) {
		return errors.Join(errors.New("it was replaced meanwhile"), x.putBack(false))
	}
	return nil
}

func (x *exchange) swapByLink() error {
	next := x.aside + ".new"
	beforeStep("step aside")
	if err := os.Rename(x.aside, next); err != nil {
		return err
	}
	beforeStep("link")
	err := os.Link(x.path, x.aside)
	if err == nil {
		beforeStep("take the name")
		err = os.Rename(next, x.path)
	}
	if err != nil {
		_ = os.Remove(next)
	}
	return err
}
