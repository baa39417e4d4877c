package raftsnap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Restore replaces the state by that of a snapshot; it implements a part of
// raft.FSM. The new state is read, checked against every checksum, made durable,
// opened and passed through SQLite's integrity check before anything else
// happens; one rename then makes it the state. Until then, and after an error,
// the old state is there and in use. Reads go on meanwhile.
//
// A stream that ends too early wraps snapshot.ErrIncomplete, a damaged one
// snapshot.ErrDamaged. The caller closes r.
func (s *Store) Restore(r io.ReadCloser) error {
	if s.closed() { // and the directory may be another's
		return errClosed
	}
	begin := time.Now()
	s.opt.Logger.Info("restore: begin")
	g, err := s.build(r)
	if err != nil {
		s.opt.Logger.Error("restore: failed, the old state stays", "error", err)
		return fmt.Errorf("raftsnap: restore a snapshot: %w", err)
	}
	old, earlier, err := s.swap(g)
	if err != nil {
		return fmt.Errorf("raftsnap: restore a snapshot: %w", err)
	}
	if err := old.release(false); err != nil {
		s.opt.Logger.Error("restore: the old state could not be removed", "error", err)
	}
	s.discard(earlier)
	s.opt.Logger.Info("restore: done", "duration", time.Since(begin))
	return nil
}

// build makes a generation out of a snapshot. It does all that can fail for a
// reason that lies in the snapshot.
func (s *Store) build(r io.Reader) (*generation, error) {
	directory := filepath.Join(s.opt.Directory, newName())
	m, err := s.receive(r, directory)
	if err != nil {
		return nil, err
	}
	s.opt.Logger.Info("restore: staged", "snapshot", m.SnapshotID, "bytes", m.TotalSize)
	g, err := openGeneration(s.opt.Driver, directory)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(directory))
	}
	index, err := g.check()
	if err != nil {
		return nil, errors.Join(err, g.release(false))
	}
	s.opt.Logger.Info("restore: checked", "index", index)
	return g, nil
}

// receive makes a directory out of a stream, or nothing.
func (s *Store) receive(r io.Reader, directory string) (_ *snapshot.Metadata, err error) {
	restorer, err := snapshot.NewRestorer(directory, vectorlite.Check, live.Relocate, snapshot.RestoreOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, restorer.Close()) }()
	if err := snapshot.ReadTar(r, restorer.Add); err != nil {
		return nil, err
	}
	return restorer.Finish()
}

// check asks SQLite, which also opens every vectorlite table, and gives the
// index of the last entry.
func (g *generation) check() (uint64, error) {
	var verdict string
	if err := g.conn.QueryRowContext(context.Background(), "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return 0, fmt.Errorf("check the integrity of the database: %w", err)
	}
	if verdict != "ok" {
		return 0, fault.Damaged("the database is damaged: %s", fault.Quote(verdict))
	}
	index, err := applied(g.conn)
	if err != nil {
		return 0, fmt.Errorf("find the index of the last entry, which a database of a Store has: %w", err)
	}
	return index, nil
}

// swap makes a generation the state, and gives the old one, and the name of what
// an earlier run left.
func (s *Store) swap(g *generation) (old *generation, earlier string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == nil { // closed meanwhile
		return nil, "", errors.Join(errClosed, g.release(false))
	}
	old, s.state = s.state, g
	if earlier, err = s.adopt(); err != nil {
		s.state = old
		return nil, "", errors.Join(err, g.release(false))
	}
	s.failed = nil
	return old, earlier, nil
}
