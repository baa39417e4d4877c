package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A declaredIndex is an index file before a flush.
type declaredIndex struct {
	vectorlite.Table
	info os.FileInfo // nil: there is no such file
}

// indexTimes describes the declared index files of every schema.
func (cn *Conn) indexTimes() (all []declaredIndex, err error) {
	schemas, err := cn.schemas()
	if err != nil {
		return nil, err
	}
	for _, schema := range schemas {
		tables, err := indexTables(cn.db, schema)
		if err != nil {
			return nil, err
		}
		for _, table := range tables {
			if table.Path == "" {
				continue
			}
			info, err := statInfo(table.Path)
			if err != nil {
				info = nil
			}
			all = append(all, declaredIndex{table, info})
		}
	}
	return all, nil
}

// schemas lists the databases of the connection.
func (cn *Conn) schemas() (names []string, err error) {
	err = cn.db.Each("SELECT name FROM pragma_database_list", func(s *c.Stmt) error {
		names = append(names, s.Text(0))
		return nil
	})
	return names, err
}

func sameFile(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// refuseUnwritable returns an error if an index file cannot be opened for
// writing. vectorlite would drop the index all the same, without a word.
func (cn *Conn) refuseUnwritable(tables []declaredIndex) error {
	if vectorlite, err := cn.hasModule("vectorlite"); err != nil || !vectorlite {
		return err // nothing can be connected
	}
	live, err := cn.databaseFiles()
	if err != nil {
		return err
	}
	for _, table := range tables {
		if err := live.refuse(table.Table); err != nil {
			return err
		}
		if err := table.tryWriting(); err != nil {
			if e := new(fs.PathError); errors.As(err, &e) {
				err = e.Err
			}
			return fmt.Errorf("nothing was written, because index file %s of table %s cannot be written: %w; make it writable and flush again",
				fault.Quote(table.Path), fault.Quote(table.Name), err)
		}
	}
	return nil
}

// tryWriting opens the file as vectorlite will, but leaves it as it is.
func (d *declaredIndex) tryWriting() error {
	flags := os.O_RDWR | syscall.O_NONBLOCK // should it be a FIFO
	if d.info == nil {
		flags |= os.O_CREATE | os.O_EXCL
	} else if !d.info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	f, err := openPath(d.Path, flags)
	if err != nil {
		return err
	}
	f.Close()
	if d.info != nil {
		return nil
	}
	return os.Remove(d.Path)
}

// checkWritten returns an error if vectorlite could not write the whole file: it
// does not say so itself.
func (d *declaredIndex) checkWritten(size int64) error {
	f, err := openPath(d.Path, os.O_RDONLY)
	if err == nil {
		err = hnsw.CheckLength(f, size)
		f.Close()
	}
	if err != nil {
		return fmt.Errorf("index file %s of table %s was not written whole (%w), and %w"+
			"; is the disk full? Bring the file back from a snapshot", fault.Quote(d.Path), fault.Quote(d.Name), err, ErrVectorsLost)
	}
	return nil
}
