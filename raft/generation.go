package raftsnap

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/vxsnap/vxsnap/snapshot"
)

// A generation is one state on disk, in a directory of its own, and the
// connection that holds it. A restore makes a new one; the old one goes when
// nobody uses it any more. Because the schema names index files by their
// absolute paths, an old connection that closes late writes into the old
// directory.
type generation struct {
	directory string
	db        *sql.DB
	conn      *sql.Conn

	mu    sync.Mutex
	users int  // the store, and each snapshot
	keep  bool // the directory stays when the last user has gone
}

// openGeneration opens the database of a directory, or makes it. The caller is
// the first user.
func openGeneration(driver, directory string) (_ *generation, err error) {
	ctx := context.Background()
	g := &generation{directory: directory, users: 1}
	if g.db, err = sql.Open(driver, g.path()); err != nil {
		return nil, err
	}
	if g.conn, err = g.db.Conn(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", g.path(), err), g.db.Close())
	}
	if err := g.setUp(ctx); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

func (g *generation) setUp(ctx context.Context) error {
	var mode string
	if err := g.conn.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return fmt.Errorf("set the journal mode: %w", err)
	}
	if mode != "wal" { // a snapshot would block every entry
		return fmt.Errorf("%s has the journal mode %q, must have \"wal\"; the file system of the state needs shared memory", g.path(), mode)
	}
	// A commit need not be durable: raft has the log, and gives the entries
	// after its snapshot again when the node starts.
	for _, pragma := range []string{"PRAGMA synchronous = NORMAL", "PRAGMA busy_timeout = 5000"} {
		if _, err := g.conn.ExecContext(ctx, pragma); err != nil {
			return fmt.Errorf("%s: %w", pragma, err)
		}
	}
	return nil
}

func (g *generation) path() string { return filepath.Join(g.directory, snapshot.DatabaseName) }

func (g *generation) close() error { return errors.Join(g.conn.Close(), g.db.Close()) }

func (g *generation) use() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.users++
}

// release is called once by each user. The last one closes the connection and
// removes the directory, unless somebody asked to keep it.
func (g *generation) release(keep bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.keep = g.keep || keep
	if g.users--; g.users > 0 {
		return nil
	}
	err := g.close()
	if !g.keep {
		err = errors.Join(err, os.RemoveAll(g.directory))
	}
	return err
}

// newName names a generation.
func newName() string { return statePrefix + rand.Text()[:16] }
