package live

import (
	"encoding/binary"
	"fmt"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// spool copies a schema into a private temporary file with SQLite's Online
// Backup API. It works for every database that the connection can read, at the
// price of temporary disk space.
func (cn *Conn) spool(schema string, tables bool, reason string) (*view, error) {
	transaction, cookie, err := cn.readTransaction(schema)
	if err != nil {
		return nil, err
	}
	defer transaction.Close()
	v := &view{way: "spool: " + reason, close: func() {}}
	pageSize, err := cn.pragmaInt(identifier(schema) + ".page_size")
	if err != nil {
		return nil, err
	}
	v.source.File = snapshot.File{
		Name: snapshot.DatabaseName, Type: snapshot.TypeDatabase, Path: cn.db.Filename(schema), PageSize: pageSize,
	}
	if tables {
		if v.tables, err = indexTables(cn.db, schema); err != nil {
			return nil, err
		}
	}
	f, pages, err := cn.copySchema(schema)
	if err != nil {
		return nil, err
	}
	if pages == 0 { // the backup made a page where there is none
		f.Drop()
		return v, nil
	}
	v.close = f.Drop
	if err := cn.keepHeader(schema, f, cookie); err != nil {
		f.Drop()
		return nil, fmt.Errorf("copy the database: %w", err)
	}
	v.source.File.Size = pages * pageSize
	v.source.Reader = f
	return v, nil
}

// readTransaction opens a read transaction on a schema, waiting for locks, that lasts
// until the statement is closed: a pragma that reads the schema cookie.
func (cn *Conn) readTransaction(schema string) (_ *c.Stmt, cookie int64, err error) {
	name := identifier(schema) + ".schema_version"
	s, err := cn.db.Prepare("PRAGMA " + name)
	if err != nil {
		return nil, 0, err
	}
	err = cn.awaitOwn(schema, func() error {
		row, err := s.Step()
		if err == nil && !row {
			err = ignored(name)
		}
		return err
	})
	if err != nil {
		s.Close()
		return nil, 0, err
	}
	return s, s.Int64(0), nil
}

// copySchema makes the copy, of so many pages. The file has no name any more
// when it returns, where the system allows that.
func (cn *Conn) copySchema(schema string) (*snapshot.TempFile, int64, error) {
	f, err := snapshot.CreateTemp(cn.fs, snapshot.TempDir())
	if err != nil {
		return nil, 0, fmt.Errorf("make a temporary file: %w", err)
	}
	pages, err := cn.copyInto(f, schema)
	if err != nil {
		f.Drop()
		return nil, 0, err
	}
	return f, pages, nil
}

func (cn *Conn) copyInto(f *snapshot.TempFile, schema string) (pages int64, err error) {
	copied, err := c.Open(f.Name, c.OpenReadWrite, "")
	if err != nil {
		return 0, fmt.Errorf("open a temporary file: %w", err)
	}
	defer copied.Close()
	f.Unlink()
	for _, pragma := range []string{"journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"} {
		if err := copied.Exec("PRAGMA " + pragma); err != nil {
			return 0, fmt.Errorf("prepare a temporary file: %w", err)
		}
	}
	pages, err = copied.Backup(cn.db, schema, cn.Interrupted)
	if err != nil {
		return 0, fmt.Errorf("copy the database: %w", err)
	}
	return pages, nil
}

// keepHeader puts back what a backup changes in the database header: the
// schema cookie and, where the file holds the current one, the change counter
// and the version fields.
func (cn *Conn) keepHeader(schema string, f *snapshot.TempFile, cookie int64) error {
	if file, ok := cn.db.DatabaseFile(schema); ok && cn.db.Filename(schema) != "" && !cn.inWAL(schema) {
		h, _, err := headerOf(file)
		if err != nil {
			return err
		}
		if h.isDatabase() { // not encrypted
			_, err := f.WriteAt(h[:], 0)
			return err
		}
	}
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(cookie))
	_, err := f.WriteAt(b[:], headerSchemaCookie)
	return err
}
