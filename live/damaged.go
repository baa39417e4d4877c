package live

import (
	"errors"
	"fmt"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
)

// explain names the cause of what SQLite says of a damaged database, and what can
// be done: where it was read for its index files, to do without them.
func (cn *Conn) explain(schema, indexFiles string, err error) error {
	notADB := errors.Is(err, c.NotADB)
	file, open := cn.db.DatabaseFile(schema)
	if !notADB && !unreadable(err) || !open {
		return err
	}
	h, size, read := headerOf(file)
	if read != nil {
		return err
	}
	path := fault.Quote(cn.db.Filename(schema))
	pageSize := h.pageSize()
	switch {
	case !h.isDatabase():
		return fmt.Errorf("%s does not begin as an SQLite database does: it is encrypted, and this connection was not given its key, or it is another kind of file: %w", path, err)
	case pageSize == 0:
		return fmt.Errorf("the header of %s is damaged, its page size is not allowed; bring back an older copy: %w", path, err)
	}
	inFile := pagesIn(size, pageSize)
	switch {
	case h.pages(inFile) > inFile && !cn.hasLog(schema):
		return fmt.Errorf("%s was cut short: it has %d bytes, and %d pages of %d bytes according to its header; bring back an older copy, or save what is left with .recover of the sqlite3 shell: %w",
			path, size, h.pages(inFile), pageSize, err)
	case notADB:
		return fmt.Errorf("the header of %s is damaged; bring back an older copy: %w", path, err)
	case indexFiles == IndexNone:
		return err
	case size%pageSize != 0:
		err = fmt.Errorf("%s has %d bytes, no multiple of its page size of %d, so that it was cut short or something was written behind it: %w", path, size, pageSize, err)
	}
	return fmt.Errorf("%w; with index_files = 'none' a snapshot copies the database without reading its schema", err)
}

// unreadable reports whether SQLite says of a database that it is one, but cannot be
// read. An unknown file format has no code of its own.
func unreadable(err error) bool {
	e := new(c.Error)
	return errors.As(err, &e) && (errors.Is(e, c.Corrupt) || e.Text == "unsupported file format")
}

// hasLog reports whether the database has a WAL with something in it, which then
// says how many pages there are.
func (cn *Conn) hasLog(schema string) bool {
	if !cn.inWAL(schema) {
		return false
	}
	log, open := cn.db.JournalFile(schema)
	if !open {
		return false
	}
	size, err := log.Size()
	return err == nil && size > 0
}

// pagesIn is how many pages a file has, the last of them perhaps not whole.
func pagesIn(size, pageSize int64) int64 { return (size + pageSize - 1) / pageSize }
