package store

import (
	"context"
	"errors"
	"time"

	"github.com/vxsnap/vxsnap/c"
)

// write runs work in a transaction that has the write lock from its start, so that what
// it reads is the newest.
func (s *Store) write(ctx context.Context, work func() error) error {
	if s.closed {
		return errClosed
	}
	if err := s.again(ctx, func() error { return s.db.Exec("BEGIN IMMEDIATE") }); err != nil {
		return err
	}
	err := s.interruptible(ctx, work)
	if err == nil {
		err = s.again(ctx, func() error { return s.db.Exec("COMMIT") })
	}
	if err != nil && !s.db.AutoCommit() {
		err = errors.Join(err, s.db.Exec("ROLLBACK"))
	}
	return err
}

// read runs work in a transaction, in which the store does not change.
func (s *Store) read(ctx context.Context, work func() error) error {
	if s.closed {
		return errClosed
	}
	if err := s.db.Exec("BEGIN"); err != nil {
		return err
	}
	err := s.again(ctx, func() error { return s.db.Exec("SELECT 1 FROM setting") }) // which takes the lock
	if err == nil {
		err = s.interruptible(ctx, work)
	}
	return errors.Join(err, s.db.Exec("ROLLBACK"))
}

var errClosed = errors.New("it is closed")

// interruptible lets the end of ctx end what work runs on the connection.
func (s *Store) interruptible(ctx context.Context, work func() error) error {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		s.db.Interrupt()
		close(interrupted)
	})
	err := work()
	if !stop() {
		<-interrupted
	}
	if ctx.Err() != nil && (err == nil || errors.Is(err, c.Interrupt)) {
		err = ctx.Err()
	}
	return err
}

// again tries until nobody else has the lock that a statement needs.
func (s *Store) again(ctx context.Context, try func() error) error {
	for end := time.Now().Add(lockWait); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := try(); !errors.Is(err, c.Busy) || time.Now().After(end) {
			return err
		}
	}
}
