package live

import (
	"errors"
	"fmt"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
)

// explain names the cause of what SQLite says of a damaged database, and what can
// be done.
func (cn *Conn) explain(schema string, err error) error {
	damaged, notADB := errors.Is(err, c.Corrupt), errors.Is(err, c.NotADB)
	file, open := cn.db.DatabaseFile(schema)
	if !damaged && !notADB || !open {
		return err
	}
	h, size, read := headerOf(file)
	if read != nil {
		return err
	}
	path := fault.Quote(cn.db.Filename(schema))
	switch pageSize := h.pageSize(); {
	case !h.isDatabase():
		return fmt.Errorf("%s does not begin as an SQLite database does: it is encrypted, and this connection was not given its key, or it is another kind of file: %w", path, err)
	case pageSize == 0:
		return fmt.Errorf("the header of %s is damaged, its page size is not allowed; bring back an older copy: %w", path, err)
	case !h.wal() && h.pages(pagesIn(size, pageSize))*pageSize > size:
		return fmt.Errorf("%s was cut short: it has %d bytes, and %d pages of %d bytes according to its header; bring back an older copy, or save what is left with .recover of the sqlite3 shell: %w",
			path, size, h.pages(pagesIn(size, pageSize)), pageSize, err)
	case damaged:
		return fmt.Errorf("%w; with index_files = 'none' a snapshot copies the database without reading its schema", err)
	}
	return err
}

// pagesIn is how many pages a file has, the last of them perhaps not whole.
func pagesIn(size, pageSize int64) int64 { return (size + pageSize - 1) / pageSize }
