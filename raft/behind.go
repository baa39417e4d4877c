package raftsnap

import (
	"errors"
	"fmt"
)

// ErrBehind says that this node's state lacks something that other nodes have:
// an entry that could not be applied, or vectors that a flush has lost. The
// Store neither changes such a state nor answers from it, until a Restore
// replaces it.
var ErrBehind = errors.New("this node's state is behind")

var errClosed = errors.New("raftsnap: the store is closed; open it again")

// behind makes the error of a state that is not what other nodes have.
func behind(cause error) error {
	return fmt.Errorf("raftsnap: %w, because %w; end the process and start it again, so that raft restores the state from this node's snapshots and log, or from the leader", ErrBehind, cause)
}

// usable returns why the state must not be used. The caller holds the lock.
func (s *Store) usable() error {
	if s.state == nil {
		return errClosed
	}
	return s.failed
}
