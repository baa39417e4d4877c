package live

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
)

// A Database is a database file on a connection of its own, which has no vectorlite.
// It is for one goroutine.
type Database struct {
	*Conn
	closed bool
}

// OpenDatabase opens a database for its Conn. The connection writes nothing to it, but
// that SQLite, as for any reader, first undoes what a writer that was killed has left
// half done. It never makes a database: where there is none, the error wraps
// fs.ErrNotExist. path is the name of a file, and no URI. It is for programs that SQLite
// is linked into. The caller must close the Database.
func OpenDatabase(path string) (*Database, error) {
	if path == "" || strings.ContainsRune(path, 0) {
		return nil, misuse("path %s is not the name of a database file", fault.Quote(path))
	}
	if err := c.Link(); err != nil {
		return nil, err
	}
	whole, err := filepath.Abs(path) // no name is a URI, or :memory:
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", fault.Quote(path), fault.Cause(err))
	}
	info, missing := os.Stat(whole)
	if missing == nil && !info.Mode().IsRegular() {
		return nil, misuse("path %s is no regular file; give that of a database", fault.Quote(path))
	}
	if missing == nil {
		if err := alone(whole); err != nil {
			return nil, err
		}
	}
	_, noLog := os.Lstat(whole + "-wal")
	db, err := c.Open(whole, c.OpenReadWrite|c.OpenPrivate, "")
	switch {
	case err != nil && errors.Is(missing, fs.ErrNotExist):
		return nil, fault.New(fs.ErrNotExist, "database %s does not exist; give the path of one that does", fault.Quote(path))
	case err != nil:
		return nil, fmt.Errorf("open database %s: %w", fault.Quote(path), err)
	}
	d := &Database{}
	// The last connection that closes moves a WAL into the database, and removes it. Ours
	// removes what it made, and moves nothing.
	if noLog == nil {
		err = db.SetNoCheckpointOnClose()
	}
	if err == nil {
		err = db.Exec("PRAGMA query_only = ON")
	}
	if err == nil {
		d.Conn, err = Of(db, nil)
	}
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("open database %s: %w", fault.Quote(path), err)
	}
	return d, nil
}

// SetWait sets how long a lock of the database is waited for: 5 s at least, and 5 s if it
// is never called.
func (d *Database) SetWait(wait time.Duration) {
	d.db.SetBusyTimeout(int(min(wait.Milliseconds(), math.MaxInt32)))
}

// Close closes the connection; every Export of it must be closed before. It may be
// called twice.
func (d *Database) Close() {
	if !d.closed {
		d.closed = true
		d.db.Close()
	}
}
