package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// DefaultChunkSize is that of a store, in bytes: a page of most databases.
const DefaultChunkSize = 4096

// Options of a store that is made. They stay.
type Options struct {
	ChunkSize int64 // bytes, as in snapshot.Options; 0 means DefaultChunkSize

	// Compression is CompressNothing, or CompressChunks: each chunk is kept as a zstd frame
	// where that is shorter.
	Compression snapshot.Compression
}

// A Store is a store that is open, on a connection of its own: nothing of it needs the
// connection that snapshots are taken on. It is for one goroutine; other Stores, in this
// process and in others, may use the same file meanwhile. Who saves or prunes waits for the
// others up to a minute, and then says ErrBusy, as does who reads. Rows are read beside a save
// until that writes to the file: when it commits, or before, when its cache of 16 MB is full;
// and its commit waits for those who read. Close closes it, and may be called twice.
type Store struct {
	// Progress, if not nil, is called now and then by Save, Import, Rows, Verify and Restore, on
	// the caller's goroutine: how many of the snapshot's bytes are done, and how many there
	// are. What is the same as in the snapshot before counts as done.
	Progress func(done, total int64)

	db          c.DB
	path        string
	chunkSize   int64
	compression snapshot.Compression
	closed      bool
}

// Create makes a store of a file that is not there yet, and then has mode 0600, or is empty,
// and opens it. It is for programs that SQLite is linked into, like the whole package.
func Create(path string, opt Options) (*Store, error) {
	if opt.ChunkSize == 0 {
		opt.ChunkSize = DefaultChunkSize
	}
	compression := "NULL"
	switch {
	case opt.ChunkSize < snapshot.MinChunkSize || opt.ChunkSize > snapshot.MaxChunkSize:
		return nil, fmt.Errorf("chunk size %d, must be from %d to %d bytes", opt.ChunkSize, snapshot.MinChunkSize, snapshot.MaxChunkSize)
	case opt.Compression == snapshot.CompressChunks:
		compression = "'zstd'"
	case opt.Compression != snapshot.CompressNothing:
		return nil, errors.New("a store keeps chunks as they are, or with snapshot.CompressChunks")
	}
	_, missing := os.Lstat(path)
	s, err := connect(path, c.OpenReadWrite|c.OpenCreate)
	if err != nil {
		return nil, err
	}
	if missing != nil {
		err = os.Chmod(path, 0o600) // it has all that the database has; SQLite leaves it to the umask
	}
	if err == nil {
		err = s.db.Exec(pageSize)
	}
	if err == nil {
		err = s.write(context.Background(), func() error {
			if n, err := s.db.Int64("SELECT count(*) FROM sqlite_schema"); err != nil || n > 0 {
				if n > 0 {
					err = fault.New(ErrExists, "it has tables already; open it, or give another name")
				}
				return err
			}
			return s.db.Script(schema + fmt.Sprintf("UPDATE setting SET chunk_size = %d, compression = %s", opt.ChunkSize, compression))
		})
	}
	if err == nil {
		err = s.settings()
	}
	if err != nil {
		s.Close()
		return nil, s.failed("make store", err)
	}
	return s, nil
}

// Open opens a store. One that cannot be written to can be read.
func Open(path string) (*Store, error) {
	s, err := connect(path, c.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	if err := s.settings(); err != nil {
		s.Close()
		return nil, s.failed("open store", err)
	}
	return s, nil
}

// Close closes the store.
func (s *Store) Close() {
	if !s.closed {
		s.closed = true
		s.db.Close()
	}
}

// ChunkSize is that of its snapshots, in bytes.
func (s *Store) ChunkSize() int64 { return s.chunkSize }

// settingsOfConnection are those that a file does not keep. Pages that are freed are not
// overwritten with zeros, which Debian's SQLite does otherwise; the cache has 4 MB, for all is read and written in order.
const settingsOfConnection = "PRAGMA secure_delete = OFF; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; " + cacheSize

const cacheSize = "PRAGMA cache_size = -4000"

func connect(path string, flags int) (*Store, error) {
	if path == "" || strings.ContainsRune(path, 0) {
		return nil, fmt.Errorf("path %s is not the name of a file", fault.Quote(path))
	}
	if err := c.Link(); err != nil {
		return nil, err
	}
	whole, err := filepath.Abs(path) // no name is a URI, or :memory:
	if err != nil {
		return nil, err
	}
	s := &Store{path: path}
	if s.db, err = c.Open(whole, flags, ""); err != nil {
		return nil, s.failed("open store", err)
	}
	s.db.SetBusyTimeout(lockStep)
	err = s.again(context.Background(), func() error { return s.db.Script(settingsOfConnection) }) // some read the schema
	if err != nil {
		s.Close()
		return nil, s.failed("open store", otherwise(err))
	}
	return s, nil
}

// settings reads what the store is.
func (s *Store) settings() error {
	var version int64
	err := s.again(context.Background(), func() error {
		return s.db.Each("SELECT version, chunk_size, compression IS NOT NULL FROM setting", func(row *c.Stmt) error {
			version, s.chunkSize = row.Int64(0), row.Int64(1)
			if row.Int64(2) != 0 {
				s.compression = snapshot.CompressChunks
			}
			return nil
		})
	})
	if err == nil && version != 1 {
		return errNotStore
	}
	return otherwise(err)
}

var errNotStore = fault.New(ErrNotStore, "it is not a store of version 1; make one with Create, or with what vx_snapshot_store_schema() prints")

// otherwise tells what is no store from what is wrong with one.
func otherwise(err error) error {
	if e := new(c.Error); errors.As(err, &e) && e.Code == errorCode || errors.Is(err, c.NotADB) {
		return errNotStore
	}
	return err
}

// errorCode is SQLITE_ERROR: here, that there is no such table.
const errorCode = 1

// How long a lock is waited for: by SQLite before it is asked whether to go on, in ms,
// and altogether.
const lockStep = 100

var lockWait = time.Minute
