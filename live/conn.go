package live

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A Conn is what vxsnap knows about one connection of the host. There is one
// for each sqlite3*, whoever asks for it, and it ends when the connection does:
// from then on its methods do nothing but return an error that says so. It is
// used as the connection is: by one goroutine at a time.
type Conn struct {
	db c.DB
	fs snapshot.FS // for the spool

	loadedIn directory

	main    fileKey        // of the main database, none if it is in memory
	pager   unsafe.Pointer // of the main database: the same for connections that share a cache
	private bool           // one of our own

	// flushedAt is sqlite3_total_changes() when the in-memory indexes of this
	// connection were last known to be in their files.
	flushedAt atomic.Int64

	// read is set once the connection has read its main database for us: from then
	// on it has the WAL open, where there is one.
	read atomic.Bool

	// written are the index files that this connection's flushes wrote, by the
	// path that the schema declares.
	written map[string]identity

	// way is how the last snapshot read the database: "pin" or "spool", and why.
	way string

	steps int       // how many steps of Once have run
	asked time.Time // when Interrupted last asked SQLite

	ctx context.Context // of During, nil outside of it

	// What the end of the connection touches, on whatever thread it comes.
	mu    sync.Mutex
	ended bool
	held  map[string]*Hold // by schema
}

// conns has the Conn of every open connection that somebody asked for.
var conns = struct {
	sync.Mutex
	of map[unsafe.Pointer]*Conn
}{of: make(map[unsafe.Pointer]*Conn)}

// Of gives the Conn of a connection. fsys is for its temporary files; nil means
// the real one. The first call for a connection decides.
func Of(db c.DB, fsys snapshot.FS) (*Conn, error) {
	if fsys == nil {
		fsys = snapshot.OS
	}
	handle := db.Handle()
	if cn := known(handle); cn != nil {
		return cn, nil
	}
	cn := &Conn{db: db, fs: fsys, loadedIn: currentDirectory(), held: make(map[string]*Hold), written: make(map[string]identity)}
	cn.main, _ = keyOf(db.Filename("main"))
	cn.pager = db.Pager("main")
	if err := db.OnClose(cn.end); err != nil {
		return nil, err
	}
	conns.Lock()
	defer conns.Unlock()
	conns.of[handle] = cn
	return cn, nil
}

func known(handle unsafe.Pointer) *Conn {
	conns.Lock()
	defer conns.Unlock()
	return conns.of[handle]
}

// markPrivate says that a connection is one of our own. An automatic extension may
// have made it known.
func markPrivate(db c.DB) {
	if cn := known(db.Handle()); cn != nil {
		conns.Lock()
		defer conns.Unlock()
		cn.private = true
	}
}

// Way says how the last snapshot of the connection read the database, "" if
// there was none.
func (cn *Conn) Way() string { return cn.way }

// MaxLength is how long a BLOB may be on the connection, in bytes.
func (cn *Conn) MaxLength() int64 { return cn.db.MaxLength() }

// HasSchema reports whether name is a database of the connection, which none is
// when it is closed.
func (cn *Conn) HasSchema(name string) bool {
	if cn.open() != nil {
		return false
	}
	_, exists := cn.db.ReadOnly(name)
	return exists
}
