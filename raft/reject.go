package raftsnap

import (
	"context"
	"errors"
	"slices"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// A rejection is an error of an entry, not of this node.
type rejection struct{ error }

func (r rejection) Unwrap() error { return r.error }

// Reject marks err as the fault of the entry itself, which every node finds
// alike: a value out of range, a constraint. Apply then takes back what the
// entry did and goes on. The mark does not count where err is an error of SQLite
// that other nodes need not meet: a full disk, no memory, a lock, a damaged
// file. It gives nil for nil.
func Reject(err error) error {
	if err == nil {
		return nil
	}
	return rejection{err}
}

// rejected gives the error that is the fault of an entry, nil if it is not.
func rejected(err error) error {
	if r := (rejection{}); errors.As(err, &r) && !ofThisNode(r.error) {
		return r.error
	}
	return nil
}

// nodeCodes are the errors of SQLite that say nothing about an entry.
var nodeCodes = []sqlite3.ErrNo{
	sqlite3.ErrInternal, sqlite3.ErrPerm, sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrNomem, sqlite3.ErrReadonly,
	sqlite3.ErrInterrupt, sqlite3.ErrIoErr, sqlite3.ErrCorrupt, sqlite3.ErrFull, sqlite3.ErrCantOpen,
	sqlite3.ErrProtocol, sqlite3.ErrNoLFS, sqlite3.ErrNotADB,
}

// ofThisNode reports whether an error is one that other nodes need not meet.
func ofThisNode(err error) bool {
	e := sqlite3.Error{}
	return errors.As(err, &e) && slices.Contains(nodeCodes, e.Code) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// commitFault marks an error of a commit that is the entry's fault: a constraint
// that is checked no earlier, such as a deferred foreign key. f cannot mark it.
func commitFault(err error) error {
	if e := (sqlite3.Error{}); errors.As(err, &e) && e.Code == sqlite3.ErrConstraint {
		return Reject(err)
	}
	return err
}
