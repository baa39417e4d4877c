package live

import (
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A Conn is what vxsnap knows about one connection of the host. There is one
// for each sqlite3*, whoever asks for it, and it ends when the connection does.
// It is used as the connection is: by one goroutine at a time.
type Conn struct {
	db c.DB
	fs snapshot.FS // for the spool

	main fileKey // of the main database, none if it is in memory

	// flushedAt is sqlite3_total_changes() when the in-memory indexes of this
	// connection were last known to be in their files.
	flushedAt atomic.Int64

	// written are the index files that this connection's flushes wrote, by the
	// path that the schema declares.
	written map[string]identity

	// way is how the last snapshot read the database: "pin" or "spool", and why.
	way string

	held map[string]*Moment // what Hold holds, by schema

	asked time.Time // when Interrupted last asked SQLite
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
	if err := db.OnClose(func() { forget(handle) }); err != nil {
		return nil, fmt.Errorf("watch for the end of the connection: %w", err)
	}
	cn := &Conn{db: db, fs: fsys, held: make(map[string]*Moment), written: make(map[string]identity)}
	cn.main, _ = keyOf(db.Filename("main"))
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

func forget(handle unsafe.Pointer) {
	conns.Lock()
	defer conns.Unlock()
	delete(conns.of, handle)
}

// OfDriver gives the Conn of a connection that github.com/mattn/go-sqlite3
// opened: a *sqlite3.SQLiteConn, as (*sql.Conn).Raw gives it. The extension
// need not be registered with it.
func OfDriver(conn any) (*Conn, error) {
	handle, err := Handle(conn)
	if err != nil {
		return nil, err
	}
	if err := c.Link(); err != nil {
		return nil, err
	}
	return Of(c.OfHandle(handle), nil)
}

// Handle is the sqlite3* of a *sqlite3.SQLiteConn of github.com/mattn/go-sqlite3,
// which keeps it in a field called db.
func Handle(conn any) (unsafe.Pointer, error) {
	v := reflect.ValueOf(conn)
	if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
		if db := v.Elem().FieldByName("db"); db.Kind() == reflect.Pointer && !db.IsNil() {
			return db.UnsafePointer(), nil
		}
	}
	return nil, fmt.Errorf("vxsnap: %T is not an open *sqlite3.SQLiteConn of github.com/mattn/go-sqlite3", conn)
}

// Way says how the last snapshot of the connection read the database, "" if
// there was none.
func (cn *Conn) Way() string { return cn.way }

// HasSchema reports whether name is a database of the connection.
func (cn *Conn) HasSchema(name string) bool {
	_, exists := cn.db.ReadOnly(name)
	return exists
}
