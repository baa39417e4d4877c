package live

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// ErrInUse says that somebody has a database open, or that it cannot be told whether
// somebody has.
var ErrInUse = errors.New("database is in use")

// An Idle is a database file that nobody has open. It keeps a descriptor, so that this can
// be asked again, whatever name the file has then. Close closes it.
type Idle struct {
	f       *os.File
	key     fileKey
	path    string
	stopped bool
}

// NewIdle opens a file, and says ErrInUse where somebody has it open: a connection of this
// process, or another process, which a lock of SQLite's or /proc shows. What cannot be seen
// counts as open, unless the caller says that everything that uses the file was stopped;
// what can be seen counts all the same.
func NewIdle(path string, stopped bool) (*Idle, error) {
	f, err := openAlone(path)
	if errors.Is(err, errOpenHere) {
		return nil, inUse(path, "a connection of this process")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fault.Quote(path), fault.Cause(err))
	}
	i := &Idle{f: f, path: path, stopped: stopped}
	var st unix.Stat_t
	if err = unix.Fstat(int(f.Fd()), &st); err == nil {
		i.key = identityOf(&st).file
		err = i.Check()
	}
	if err != nil {
		i.Close()
		return nil, err
	}
	return i, nil
}

// Check says ErrInUse where somebody has the file open now.
func (i *Idle) Check() error {
	if err := i.openHere(); errors.Is(err, errOpenHere) {
		return inUse(i.path, "a connection of this process")
	} else if err != nil {
		return err
	}
	who, err := lockHolder(i.key)
	if err != nil {
		return err
	}
	hidden := ""
	if who == "" {
		if who, hidden, err = openBy(i.key, i.path); err != nil {
			return err
		}
	}
	switch {
	case who != "":
		return inUse(i.path, who)
	case hidden != "" && !i.stopped:
		return fault.New(ErrInUse, "it cannot be told whether somebody has database %s open: %s; stop whatever uses it, and then say so (--stopped, or Stopped in Go)", fault.Quote(i.path), hidden)
	}
	return nil
}

// openHere looks at the descriptors of this process, but for ours.
func (i *Idle) openHere() error {
	own.Lock()
	defer own.Unlock()
	var st unix.Stat_t
	fd := int(i.f.Fd())
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	return openElsewhere(&st, fd)
}

// Is reports whether a path leads to the file.
func (i *Idle) Is(path string) bool {
	key, ok := keyOf(path)
	return ok && key == i.key
}

// Close closes the descriptor.
func (i *Idle) Close() { closeAlone(i.f) }

func inUse(path, who string) error {
	return fault.New(ErrInUse, "%s has database %s open; stop it, and try again", who, fault.Quote(path))
}
