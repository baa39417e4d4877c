package live

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A flush locks the file of before and the empty one: so another tells a flush
// that goes on from one that was killed. Where both have a file, a lock counts only
// if the file still has its name: another flush may have ended in between.

// lock locks the file of before. With the lock nobody else makes or moves the file
// aside.
func (x *exchange) lock() error {
	beforeStep("lock")
	if x.old != nil {
		if !x.old.lock() {
			return flushedNow(x.Table)
		}
		if !x.old.named(x.path) {
			return replaced(x)
		}
		if err := unix.Faccessat(unix.AT_FDCWD, x.path, unix.W_OK, unix.AT_EACCESS); err != nil {
			return x.refuse("written", err, "make it writable")
		}
	}
	return leftAside(x.path, x.Table)
}

// create makes the empty file, with the mode and the owner of the file of before.
func (x *exchange) create() (err error) {
	beforeStep("create")
	if x.made, err = createStepped(x.aside); errors.Is(err, fs.ErrExist) && x.removeLeftover() {
		x.made, err = createStepped(x.aside)
	}
	if errors.Is(err, fs.ErrExist) {
		return flushedNow(x.Table)
	}
	if err != nil {
		directory := fault.Quote(filepath.Dir(x.path))
		return x.refuse("exchanged for a new one, because no file can be made in "+directory, err, "make that directory writable")
	}
	if !x.made.lock() || !x.made.named(x.aside) {
		return flushedNow(x.Table) // which removed what we made
	}
	if x.old == nil {
		if _, err = statPath(x.path); !errors.Is(err, fs.ErrNotExist) {
			err = errors.Join(err, replaced(x))
		} else {
			err = nil
		}
	} else {
		err = x.likeOld()
	}
	if err != nil {
		_ = os.Remove(x.aside)
	}
	return err
}

// likeOld gives the empty file what the file of before has.
func (x *exchange) likeOld() error {
	// A time that vectorlite changes when it opens the file, also where it can
	// write nothing.
	if err := os.Chtimes(x.aside, time.Unix(0, 0), time.Unix(0, 0)); err != nil {
		return x.refuse("exchanged for a new one", err, "make it writable")
	}
	old, err := x.old.stat()
	made, err2 := x.made.stat()
	if err = errors.Join(err, err2, room(x.aside, old.Size)); err != nil {
		return x.refuse("exchanged for a new one", err, "make room for both")
	}
	mode := old.Mode & 0o7777
	if made.Uid != old.Uid || made.Gid != old.Gid {
		err = x.made.f.Chown(int(old.Uid), int(old.Gid))
	}
	if err == nil {
		err = unix.Fchmod(int(x.made.f.Fd()), mode)
	}
	if err == nil {
		err = CopyAccessList(x.path, x.aside)
	}
	if err != nil {
		owner := strconv.Itoa(int(old.Uid)) + ":" + strconv.Itoa(int(old.Gid))
		return x.refuse("exchanged for a new one, which cannot have its owner "+owner+" and mode 0"+strconv.FormatUint(uint64(mode), 8), err, "use its owner's account")
	}
	return nil
}

// room returns an error if the disk has no room for so many bytes more: the new
// file has about the size of the one of before, which stays until then.
func room(path string, size int64) error {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil || st.Blocks == 0 {
		return nil // it is not known
	}
	if uint64(size) > st.Bfree*uint64(st.Bsize) {
		return unix.ENOSPC
	}
	return nil
}

// removeLeftover removes what a flush that was killed left before it exchanged
// anything: an empty file, or a second name of the file of before.
func (x *exchange) removeLeftover() bool {
	if x.old != nil && x.old.named(x.aside) {
		return os.Remove(x.aside) == nil
	}
	f, err := openStepped(x.aside)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close()
	if !f.lock() {
		return false
	}
	st, err := f.stat()
	return err == nil && st.Size == 0 && f.named(x.aside) && os.Remove(x.aside) == nil
}

func replaced(x *exchange) error {
	return fault.New(fault.ErrChanged, "nothing was written, because somebody else replaced index file %s of table %s meanwhile; flush again", fault.Quote(x.Path), fault.Quote(x.Name))
}

// lock locks the file for a flush. Readers hold a lock for a moment.
func (s *steppedFile) lock() bool {
	for range 20 {
		if !errors.Is(unix.Flock(int(s.f.Fd()), unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK) {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// unlock unlocks the file. Its descriptor may stay open, see closeAlone.
func (s *steppedFile) unlock() { _ = unix.Flock(int(s.f.Fd()), unix.LOCK_UN) }

// named reports whether a path leads to the file.
func (s *steppedFile) named(path string) bool {
	named, err := statPath(path)
	st, err2 := s.stat()
	return err == nil && err2 == nil && identityOf(&st).file == identityOf(&named).file
}
