package live

import (
	"errors"
	"fmt"
	"io"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Tables lists vectorlite's tables with an index file, as the schema of the database
// declares them. Like any first connection, the one that reads it moves what a journal or a
// WAL has into the database. Where the schema cannot be read the error wraps
// snapshot.ErrSchema; what does not begin as a database is not touched.
func (i *Idle) Tables() (tables []vectorlite.Table, err error) {
	path := i.path
	var begin header
	if n, err := i.f.ReadAt(begin[:], 0); n > 0 && !begin.isDatabase() {
		return nil, fault.New(snapshot.ErrSchema, "%s does not begin as an SQLite database does", fault.Quote(path))
	} else if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", fault.Quote(path), fault.Cause(err))
	}
	if err := c.Link(); err != nil {
		return nil, err
	}
	db, err := openToEdit(path, c.OpenReadWrite, "")
	if err != nil {
		return nil, unreadableSchema(path, err)
	}
	defer db.Close()
	rows, err := schemaRows(db)
	if err != nil {
		return nil, unreadableSchema(path, err)
	}
	for _, row := range rows {
		table, ok, err := vectorlite.ParseTable(row.Name, row.SQL)
		if err != nil {
			return nil, fault.New(snapshot.ErrSchema, "read the schema of %s: %w", fault.Quote(path), err)
		}
		if ok && table.Path != "" {
			tables = append(tables, table)
		}
	}
	return tables, nil
}

func unreadableSchema(path string, err error) error {
	text := "read the schema of %s: %w"
	switch {
	case errors.Is(err, c.Busy):
		return fault.New(ErrInUse, text, fault.Quote(path), err)
	case unreadable(err), errors.Is(err, c.NotADB):
		return fault.New(snapshot.ErrSchema, text, fault.Quote(path), err)
	}
	return fmt.Errorf(text, fault.Quote(path), err)
}

// ResolveFile gives the file that a declared path leads to, through symbolic links. It
// need not exist, but its directory must.
func ResolveFile(path string) (string, error) { return resolve(path) }

// FlushAside is the name under which the file of before waits beside an index file while
// a flush writes it, and where a flush was killed.
func FlushAside(path string) string { return path + asideSuffix }

// CheckIndexFile says what keeps a file from being a whole index by its length, or from
// being read.
func CheckIndexFile(path string) error {
	f, err := openDeclared(path)
	if err != nil {
		return fault.Cause(err)
	}
	defer f.Close()
	st, err := f.stat()
	if err != nil {
		return err
	}
	return hnsw.CheckLength(f, st.Size)
}
