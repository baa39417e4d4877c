package over

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// names are those that a restore over a database gives to the directory of its plan, one
// after the other.
type names struct {
	database  string // absolute, without symbolic links
	preparing string // nothing was replaced yet
	barrier   string // where SQLite looks for a rollback journal
}

func namesOf(database string) names {
	return names{database, database + ".restoring", database + "-journal"}
}

func (n *names) folder() string { return filepath.Dir(n.database) }
func (n *names) base() string   { return filepath.Base(n.database) }

// A directory is that of a plan, locked for as long as its process lives, whatever it is
// called.
type directory struct{ *os.File }

// lockDirectory locks a directory. One that belongs to somebody else is refused: its plan
// would let him rename files as this user.
func lockDirectory(path string) (_ *directory, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		return nil, running(path)
	} else if err != nil {
		return nil, failed("lock", path, err)
	}
	opened, err := f.Stat()
	if err != nil {
		return nil, err
	}
	named, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(opened, named) {
		return nil, running(path) // which has renamed or removed it meanwhile
	}
	if err != nil {
		return nil, err
	}
	if stat, ok := opened.Sys().(*syscall.Stat_t); ok && (int(stat.Uid) != os.Geteuid() || opened.Mode().Perm()&0o022 != 0) {
		return nil, fault.New(ErrHalfDone, "%s was left by a restore of user %d, or others can write to it; run this as that user", fault.QuoteWhole(path), stat.Uid)
	}
	return &directory{f}, nil
}

func running(path string) error {
	return fault.New(ErrRunning, "another restore uses %s now; wait until it has ended", fault.QuoteWhole(path))
}
