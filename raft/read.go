package raftsnap

import (
	"context"
	"database/sql"
	"errors"
)

// Read gives f a transaction in which it can query; to write is an error,
// because vectorlite could not take a vector back. Apply, Snapshot and other
// calls of Read wait until f returns. f must not call the Store, nor use tx or
// its rows afterwards. A state that is not that of the other nodes does not
// answer: the error wraps [ErrBehind].
func (s *Store) Read(f func(tx *sql.Tx) error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	if err := s.state.queryOnly("ON"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.state.queryOnly("OFF")) }()
	tx, err := s.state.conn.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // closes what f left open
	return f(tx)
}

// queryOnly turns off, or on again, all that writes on the connection.
func (g *generation) queryOnly(state string) error {
	_, err := g.conn.ExecContext(context.Background(), "PRAGMA query_only = "+state)
	return err
}

// Applied is the raft index of the last entry that was applied, 0 before the
// first. Where Read is an error, Applied is that error.
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
