package store

import (
	"errors"
	"fmt"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// The kinds of error that a caller may test for with errors.Is.
var (
	// ErrNotStore says that a file is not a store, or one of another version.
	ErrNotStore = errors.New("not a store")

	// ErrExists says that Create found something in the file.
	ErrExists = errors.New("not empty")

	// ErrNoSnapshot says that a store has no snapshot of a number.
	ErrNoSnapshot = errors.New("no such snapshot")

	// ErrBusy says that another connection, of any process, used the store for longer than was waited.
	ErrBusy = errors.New("store is in use")

	// ErrKeep says that Keep keeps nothing, or has a number below 0.
	ErrKeep = errors.New("nothing to keep")
)

// failed says what was done to which store. Where SQLite finds the store's file malformed, it
// is snapshot.ErrDamaged.
func (s *Store) failed(what string, err error) error {
	if errors.Is(err, c.Corrupt) && !errors.As(err, new(*databaseError)) {
		return fault.New(snapshot.ErrDamaged, "%s %s: %w", what, fault.Quote(s.path), err)
	}
	return fmt.Errorf("%s %s: %w", what, fault.Quote(s.path), err)
}

func noSnapshot(n int64) error {
	return fault.New(ErrNoSnapshot, "there is no snapshot %d in it; List has those that there are", n)
}
