package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

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
	made  *steppedFile // the empty one
}

// exchange exchanges the file at a resolved path for an empty one. After an error
// everything is as it was.
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
	err = x.create()
	if err == nil && x.old != nil {
		err = x.swap()
	}
	if x.made != nil && (err != nil || x.old == nil) {
		_ = os.Remove(x.aside)
	}
	if err != nil {
		return nil, x.refuse(err)
	}
	return x, nil
}

func (x *exchange) refuse(err error) error {
	return fmt.Errorf("nothing was written, because index file %s of table %s cannot be written: %w; make it writable and flush again",
		fault.Quote(x.Path), fault.Quote(x.Name), fault.Cause(err))
}

// lock locks the file of before: so another flush tells one that goes on from
// one that was killed. With the lock nobody else makes or moves the file aside.
func (x *exchange) lock() error {
	beforeStep("lock")
	if x.old != nil {
		if unix.Flock(int(x.old.f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == unix.EWOULDBLOCK {
			return flushedNow(x.Table)
		}
		if err := unix.Faccessat(unix.AT_FDCWD, x.path, unix.W_OK, unix.AT_EACCESS); err != nil {
			return x.refuse(err)
		}
	}
	return leftAside(x.path, x.Table)
}

// create makes the empty file, with the mode and the owner of the file of before.
func (x *exchange) create() error {
	beforeStep("create")
	_ = os.Remove(x.aside) // an empty one, left by a flush that was killed
	var err error
	if x.made, err = createStepped(x.aside); err != nil || x.old == nil {
		return err
	}
	// A time that vectorlite changes when it opens the file, also where it can
	// write nothing.
	if err := os.Chtimes(x.aside, time.Unix(0, 0), time.Unix(0, 0)); err != nil {
		return err
	}
	old, err := x.old.stat()
	made, err2 := x.made.stat()
	err = errors.Join(err, err2)
	if err == nil && (made.Uid != old.Uid || made.Gid != old.Gid) {
		err = x.made.f.Chown(int(old.Uid), int(old.Gid))
	}
	if err == nil {
		err = unix.Fchmod(int(x.made.f.Fd()), old.Mode&0o7777)
	}
	if err != nil {
		return fmt.Errorf("a new file cannot have its owner and mode: %w", err)
	}
	return nil
}

// swap gives the name to the empty file. A file system that cannot exchange two
// names does it in two steps, of which each leaves the name to one of the files.
func (x *exchange) swap() error {
	beforeStep("exchange")
	err := renameat2(unix.AT_FDCWD, x.aside, unix.AT_FDCWD, x.path, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP) {
		err = x.swapByLink()
	}
	if err != nil {
		return err
	}
	waits, err := statPath(x.aside)
	old, err2 := x.old.stat()
	if err != nil || err2 != nil || identityOf(&old).file != identityOf(&waits).file {
		return errors.Join(errors.New("it was replaced meanwhile"), x.putBack())
	}
	return nil
}

func (x *exchange) swapByLink() error {
	next := x.aside + ".new"
	if err := os.Rename(x.aside, next); err != nil {
		return err
	}
	err := os.Link(x.path, x.aside)
	if err == nil {
		err = os.Rename(next, x.path)
	}
	if err != nil {
		_ = os.Remove(next)
	}
	return err
}
