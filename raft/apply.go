package raftsnap

import (
	"context"
	"database/sql"
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

// Apply runs f in a transaction and commits it together with the index of the
// entry. f must depend on the state and the entry alone, and must not
// call the Store.
//
// An error of f takes the transaction back. What [Reject] marked, and a
// constraint that fails at the commit, is the entry's fault: it is returned, and
// the state stays good. After anything else, such as a full disk, an error that
// f did not mark, or a panic, this node has not done what the others did: the
// Store gives the same error, which wraps [ErrBehind], wherever it is asked
// about its state from then on, and the caller should end the process, so that
// raft builds the state again when it starts. So an error without ErrBehind is
// the answer to who sent the entry, the same from every node.
//
// vectorlite has no transactions: a vector that f inserted stays when f is
// taken back. Check all that can be checked before the first insert.
func (s *Store) Apply(entry *raft.Log, f func(tx *sql.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == nil { // raft is still running
		return behind(fmt.Errorf("entry %d could not be applied: the store is closed", entry.Index))
	}
	if s.failed != nil {
		return s.failed
	}
	s.failed = behind(fmt.Errorf("entry %d could not be applied: its function did not return", entry.Index)) // it may panic
	err := s.transact(entry.Index, f)
	fault := rejected(err)
	if fault != nil {
		err = s.transact(entry.Index, func(*sql.Tx) error { return nil })
	}
	if err != nil {
		s.failed = behind(fmt.Errorf("entry %d could not be applied: %w", entry.Index, err))
		return s.failed
	}
	s.failed = nil
	return fault
}

// StoreConfiguration notes that raft changed the members of the cluster; it
// implements a part of raft.ConfigurationStore. Without it raft refuses to take
// a snapshot after such a change until the next entry.
func (s *Store) StoreConfiguration(index uint64, _ raft.Configuration) {
	if err := s.Apply(&raft.Log{Index: index}, func(*sql.Tx) error { return nil }); err != nil {
		s.opt.Logger.Error("apply: a change of the members failed", "index", index, "error", err)
	}
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
	return commitFault(tx.Commit())
}
