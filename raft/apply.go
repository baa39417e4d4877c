package raftsnap

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/hashicorp/raft"
)

// The table that holds the raft index of the last entry that was applied. It is
// written in the transaction of the entry, so that a snapshot carries it.
const (
	createApplied = `CREATE TABLE raftsnap_applied(one INTEGER PRIMARY KEY CHECK (one = 1), log_index INTEGER NOT NULL);
		INSERT INTO raftsnap_applied VALUES (1, 0)`
	updateApplied = "UPDATE raftsnap_applied SET log_index = ?"
	selectApplied = "SELECT log_index FROM raftsnap_applied"
)

// A rejection is an error of an entry, not of this node.
type rejection struct{ error }

func (r rejection) Unwrap() error { return r.error }

// Reject marks err as the fault of the entry itself, which every node finds
// alike: a value out of range, a constraint. Apply then takes back what the
// entry did and goes on.
func Reject(err error) error { return rejection{err} }

// Apply runs f in a transaction and commits it together with the index of the
// entry. f must depend on the state and the entry alone.
//
// An error of f takes the transaction back. What [Reject] marked is returned,
// and the state stays good. Any other error, such as a full disk, means that
// this node could not do what the others did: the Store refuses Apply and
// Snapshot from then on, and the caller should end the process, so that raft
// builds the state again when it starts.
//
// vectorlite has no transactions: a vector that f inserted stays when f is
// taken back. Check all that can be checked before the first insert.
func (s *Store) Apply(entry *raft.Log, f func(tx *sql.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	err := s.transact(entry.Index, f)
	if r := (rejection{}); errors.As(err, &r) {
		if s.failed = s.transact(entry.Index, func(*sql.Tx) error { return nil }); s.failed == nil {
			return r.error
		}
	} else if err != nil {
		s.failed = err
	}
	if s.failed != nil {
		return s.fail(fmt.Errorf("entry %d could not be applied: %w", entry.Index, s.failed))
	}
	return nil
}

// fail notes why the state is not what other nodes have.
func (s *Store) fail(err error) error {
	s.failed = fmt.Errorf("raftsnap: this node's state is behind, because %w; end the process and start it again", err)
	return s.failed
}

// StoreConfiguration notes that raft changed the members of the cluster; it
// implements a part of raft.ConfigurationStore. Without it raft refuses to take
// a snapshot after such a change until the next entry.
func (s *Store) StoreConfiguration(index uint64, _ raft.Configuration) {
	if err := s.Apply(&raft.Log{Index: index}, func(*sql.Tx) error { return nil }); err != nil {
		s.opt.Logger.Error("apply: a change of the members failed", "index", index, "error", err)
	}
}

func (s *Store) usable() error {
	if s.state == nil {
		return errClosed
	}
	return s.failed
}

func (s *Store) transact(index uint64, f func(tx *sql.Tx) error) error {
	ctx := context.Background()
	tx, err := s.state.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if err := f(tx); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, updateApplied, int64(index)); err != nil {
		return err
	}
	return tx.Commit()
}

// Applied is the raft index of the last entry that was applied, 0 before the
// first.
func (s *Store) Applied() (index uint64, err error) {
	err = s.Read(func(tx *sql.Tx) error {
		index, err = applied(tx)
		return err
	})
	return index, err
}

// A querier is a *sql.Conn or a *sql.Tx.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func applied(q querier) (uint64, error) {
	var index int64
	err := q.QueryRowContext(context.Background(), selectApplied).Scan(&index)
	return uint64(index), err
}
