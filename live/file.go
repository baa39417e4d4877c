package live

import (
	"maps"

	"github.com/vxsnap/vxsnap/c"
)

// A File is a moment of a database file, on a connection of its own that has no
// vectorlite index and no lock on anything else.
type File struct {
	*Hold
	db c.DB
}

// HoldFile holds the moment at which it is called of the database at path, with
// the index files of its tables. It is for programs that SQLite is linked into.
//
// flushed, which may be nil, is the connection that flushed the indexes: its files
// are taken as it left them, whoever else has the database open.
func HoldFile(path, indexFiles string, flushed *Conn) (*File, error) {
	if err := c.Link(); err != nil {
		return nil, err
	}
	db, err := c.Open(path, c.OpenReadWrite, "")
	if err != nil {
		return nil, err
	}
	cn, err := Of(db, nil)
	if err == nil {
		if flushed != nil {
			maps.Copy(cn.written, flushed.written)
		}
		var hold *Hold
		if hold, err = cn.Hold("main", indexFiles); err == nil {
			return &File{hold, db}, nil
		}
	}
	db.Close()
	return nil, err
}

// Export takes a snapshot of the moment.
func (f *File) Export(chunkSize int64) (*Export, error) {
	return f.cn.Export(f.schema, "", chunkSize)
}

// Close lets go of the moment and closes the connection; every Export must be
// closed before. It may be called twice.
func (f *File) Close() {
	if f.moment == nil {
		return
	}
	f.Release()
	f.db.Close()
}
