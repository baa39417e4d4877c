package live

import (
	"fmt"
	"maps"
	"strings"
	"sync/atomic"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
)

// A File is a moment of a database file, on a connection of its own that has no
// vectorlite index and no lock on anything else.
type File struct {
	path   string
	hold   *Hold
	closed atomic.Bool
}

// HoldFile holds the moment at which it is called of the database at path, with
// the index files of its tables. An empty indexFiles means IndexAuto. It is for
// programs that SQLite is linked into. The caller must close the File.
func HoldFile(path, indexFiles string) (*File, error) {
	return holdFile(path, indexFiles, nil)
}

// HoldFile is HoldFile of the connection's main database. The index files that the
// connection flushed are taken as it left them, whoever else has the database open.
func (cn *Conn) HoldFile(indexFiles string) (*File, error) {
	if err := cn.open(); err != nil {
		return nil, err
	}
	return holdFile(cn.db.Filename("main"), indexFiles, cn)
}

func holdFile(path, indexFiles string, of *Conn) (*File, error) {
	if err := c.Link(); err != nil {
		return nil, err
	}
	db, err := c.Open(path, c.OpenReadWrite, "")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", fault.Quote(path), err)
	}
	hold, err := holdOn(db, path, indexFiles, of)
	if err != nil {
		db.Close()
		return nil, err
	}
	return &File{path: path, hold: hold}, nil
}

func holdOn(db c.DB, path, indexFiles string, of *Conn) (*Hold, error) {
	if db.Filename("main") == "" || strings.ContainsRune(path, 0) {
		return nil, misuse("path %s is not a database file; give the path of one", fault.Quote(path))
	}
	cn, err := Of(db, nil)
	if err != nil {
		return nil, err
	}
	if of != nil {
		maps.Copy(cn.written, of.written)
		cn.loadedIn = of.loadedIn
	}
	return cn.Hold("main", indexFiles)
}

// PageSize is that of the database, in bytes.
func (f *File) PageSize() int64 { return f.hold.PageSize() }

// Pages is how many pages the database has.
func (f *File) Pages() int64 { return f.hold.Pages() }

// Way says how the database is read: "pin" or "spool", and why.
func (f *File) Way() string { return f.hold.Way() }

// IndexFiles is the word that says what was done about index files.
func (f *File) IndexFiles() string { return f.hold.IndexFiles() }

// Export takes a snapshot of the moment.
func (f *File) Export(chunkSize int64) (*Export, error) {
	if f.closed.Load() {
		return nil, misuse("the moment of %s is closed; hold another one with live.HoldFile", fault.Quote(f.path))
	}
	return f.hold.cn.Export(f.hold.schema, ExportOptions{ChunkSize: chunkSize})
}

// Close lets go of the moment and closes the connection; every Export must be
// closed before, and none may be running. It may be called twice. What the other
// methods say about the moment stays.
func (f *File) Close() {
	if f.closed.Swap(true) {
		return
	}
	f.hold.Release()
	f.hold.cn.db.Close()
}
