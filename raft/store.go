package raftsnap

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Options say where the state of a Store lies and how it begins.
type Options struct {
	// Directory holds the state, and nothing else; it is made if it does not
	// exist. Its path stands in SQL and in driver names, and so has no quotes and
	// no question mark. Restore needs room for a second state in it.
	Directory string

	// Driver is the name of a database/sql driver whose connections are those of
	// github.com/mattn/go-sqlite3, and have vectorlite if the state uses it.
	Driver string

	// Create makes the empty state in a new database: tables, and vectorlite
	// tables whose files lie in directory. It must do the same on every node.
	Create func(ctx context.Context, conn *sql.Conn, directory string) error

	// Logger is told how long each step took. nil means silence.
	Logger *slog.Logger
}

// A Store is the state of one node.
//
// It has one connection, because vectorlite keeps an index in the memory of its
// connection: Apply, Read and Snapshot take turns on it.
type Store struct {
	opt    Options
	lock   *os.File // of the directory
	mu     sync.Mutex
	state  *generation // nil after Close
	failed error       // why the state is not that of other nodes; wraps ErrBehind

	earlier string // the state that an earlier run left, until it is replaced
}

// Open begins with an empty state, as raft expects of an FSM: raft then calls
// Restore with its newest snapshot, and Apply with the entries after it. A
// state of an earlier run stays until this run has one that is as good, see
// Current. Only one process at a time can have a directory open.
func Open(opt Options) (*Store, error) {
	directory, err := filepath.Abs(opt.Directory)
	if opt.Directory == "" || err != nil {
		return nil, fmt.Errorf("raftsnap: directory %q is not the name of a directory", opt.Directory)
	}
	if strings.ContainsAny(directory, "'\"?\x00") {
		return nil, fmt.Errorf("raftsnap: directory %q has a quote, a question mark or a NUL in its path; choose another", directory)
	}
	opt.Directory = directory
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("raftsnap: make the state directory: %w", err)
	}
	s := &Store{opt: opt}
	if s.lock, err = lockDirectory(directory); err != nil {
		return nil, err
	}
	if err := s.begin(); err != nil {
		s.lock.Close()
		return nil, fmt.Errorf("raftsnap: begin an empty state: %w", err)
	}
	return s, nil
}

func lockDirectory(directory string) (*os.File, error) {
	f, err := os.Open(directory)
	if err != nil {
		return nil, fmt.Errorf("raftsnap: open the state directory: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fmt.Errorf("raftsnap: directory %s is in use by another Store; give each node a directory of its own", directory)
	}
	return nil, fmt.Errorf("raftsnap: lock the state directory: %w", err)
}

// begin makes the empty state.
func (s *Store) begin() error {
	if err := s.sweep(); err != nil {
		return err
	}
	name := newName()
	directory := filepath.Join(s.opt.Directory, name)
	if err := os.Mkdir(directory, 0o700); err != nil {
		return err
	}
	g, err := openGeneration(s.opt.Driver, directory)
	if err != nil {
		return errors.Join(err, os.RemoveAll(directory))
	}
	ctx := context.Background()
	if _, err = g.conn.ExecContext(ctx, createApplied); err == nil && s.opt.Create != nil {
		err = s.opt.Create(ctx, g.conn, directory)
	}
	if err == nil && s.Current() == "" {
		err = s.point(name)
	}
	if err != nil {
		return errors.Join(err, g.release(false))
	}
	s.state = g
	return nil
}

// Close closes the connection, which makes vectorlite write its indexes. A
// snapshot that is not released yet keeps its state open. Close may be called
// twice.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == nil {
		return nil
	}
	err := s.state.release(filepath.Base(s.state.directory) == s.Current())
	s.state = nil
	return errors.Join(err, s.lock.Close())
}

func (s *Store) closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == nil
}
