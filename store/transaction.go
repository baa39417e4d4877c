package store

import (
	"context"
	"errors"
	"time"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
)

// write runs work in a transaction that has the write lock from its start, so that what
// it reads is the newest. Only the commit waits for readers: while work runs, SQLite keeps in
// memory what it cannot write beside them, and would wait for them anew at each page.
func (s *Store) write(ctx context.Context, work func() error) (err error) {
	if s.closed {
		return errClosed
	}
	if err := s.again(ctx, func() error { return s.db.Exec("BEGIN IMMEDIATE") }); err != nil {
		return err
	}
	committed := false
	defer func() { // also where work panics
		if !s.db.AutoCommit() {
			err = errors.Join(err, s.db.Exec("ROLLBACK"))
		}
		if !committed { // SQLite leaves the journal of a write that failed, and its room on the disk, to whoever reads next
			_ = s.db.Exec("SELECT 1 FROM setting")
		}
	}()
	if err := s.unwaiting(func() error { return s.interruptible(ctx, work) }); err != nil {
		return err
	}
	err = s.again(ctx, func() error { return s.db.Exec("COMMIT") })
	committed = err == nil
	return err
}

// unwaiting runs work while nobody is waited for.
func (s *Store) unwaiting(work func() error) error {
	s.db.SetBusyTimeout(0)
	defer s.db.SetBusyTimeout(lockStep)
	return work()
}

// read runs work in a transaction, in which the store does not change.
func (s *Store) read(ctx context.Context, work func() error) (err error) {
	if s.closed {
		return errClosed
	}
	if err := s.db.Exec("BEGIN"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.db.Exec("ROLLBACK")) }()
	if err := s.again(ctx, func() error { return s.db.Exec("SELECT 1 FROM setting") }); err != nil { // which takes the lock
		return err
	}
	return s.interruptible(ctx, work)
}

var errClosed = errors.New("it is closed")

// interruptible lets the end of ctx end what work runs on the connection.
func (s *Store) interruptible(ctx context.Context, work func() error) error {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		s.db.Interrupt()
		close(interrupted)
	})
	defer func() { // also where work panics: the connection may be closed next
		if !stop() {
			<-interrupted
		}
	}()
	err := work()
	if ctx.Err() != nil && (err == nil || errors.Is(err, c.Interrupt)) {
		err = ctx.Err()
	}
	return err
}

// again tries until nobody else has the lock that a statement needs. Every wait for a store
// is one of its.
func (s *Store) again(ctx context.Context, try func() error) error {
	for end := time.Now().Add(lockWait); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := try()
		if !errors.Is(err, c.Busy) {
			return err
		}
		if time.Now().After(end) {
			return fault.New(ErrBusy, "another connection uses it, and did for a minute: %w; try again when it has ended", err)
		}
	}
}
