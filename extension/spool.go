package extension

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// Places in the database header, in bytes
// (https://www.sqlite.org/fileformat.html, 1.3).
const (
	headerSize         = 100
	headerSchemaCookie = 40
)

// spool copies a schema into a private temporary file with SQLite's Online
// Backup API. It works for every database that the connection can read, at the
// price of temporary disk space.
func (cn *connection) spool(schema, reason string) (*view, error) {
	hold, cookie, err := cn.hold(schema)
	if err != nil {
		return nil, err
	}
	defer hold.Close()
	v := &view{way: "spool: " + reason, close: func() {}}
	pageSize, err := cn.db.Int64("PRAGMA " + identifier(schema) + ".page_size")
	if err != nil {
		return nil, err
	}
	v.source.File = snapshot.File{Name: snapshot.DatabaseName, Type: snapshot.TypeDatabase, PageSize: pageSize}
	pages, err := cn.db.Int64("PRAGMA " + identifier(schema) + ".page_count")
	if err != nil || pages == 0 {
		return v, err // a backup would make a page where there is none
	}
	if v.tables, err = indexTables(cn.db, schema); err != nil {
		return nil, err
	}
	f, err := cn.copySchema(schema)
	if err != nil {
		return nil, err
	}
	v.close = func() { f.Close() }
	err = cn.keepHeader(schema, f, cookie)
	if err == nil {
		v.source.File.Size, err = size(f)
	}
	if err != nil {
		v.close()
		return nil, fmt.Errorf("copy the database: %w", err)
	}
	v.source.Reader = f
	return v, nil
}

// hold opens a read transaction on a schema, waiting for locks, that lasts
// until the statement is closed: a pragma that reads the schema cookie.
func (cn *connection) hold(schema string) (_ *c.Stmt, cookie int64, err error) {
	timeout, err := cn.busyTimeout()
	if err != nil {
		return nil, 0, err
	}
	s, err := cn.db.Prepare("PRAGMA " + identifier(schema) + ".schema_version")
	if err != nil {
		return nil, 0, err
	}
	for deadline := time.Now().Add(timeout); ; time.Sleep(10 * time.Millisecond) {
		_, err = s.Step()
		if err == nil {
			return s, s.Int64(0), nil
		}
		if interrupt := cn.interrupted(); interrupt != nil {
			err = interrupt
		}
		if !errors.Is(err, c.Busy) && !errors.Is(err, c.Locked) || time.Now().After(deadline) {
			s.Close()
			return nil, 0, err
		}
	}
}

// copySchema makes the copy. The file has no name any more when it returns,
// where the system allows that.
func (cn *connection) copySchema(schema string) (_ *os.File, err error) {
	f, err := os.CreateTemp(snapshot.TempDir(), "vxsnap-spool-*")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	defer func() {
		_ = os.Remove(f.Name()) // for a system that cannot remove an open file
		if err != nil {
			f.Close()
		}
	}()
	copied, err := c.Open(f.Name(), c.OpenReadWrite, "")
	if err != nil {
		return nil, fmt.Errorf("open a temporary file: %w", err)
	}
	defer copied.Close()
	_ = os.Remove(f.Name())
	for _, pragma := range []string{"journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"} {
		if err := copied.Exec("PRAGMA " + pragma); err != nil {
			return nil, fmt.Errorf("prepare a temporary file: %w", err)
		}
	}
	if err := copied.Backup(cn.db, schema, cn.interrupted); err != nil {
		return nil, fmt.Errorf("copy the database: %w", err)
	}
	return f, nil
}

// keepHeader puts back what a backup changes in the database header: the
// schema cookie and, where the file holds the current one, the change counter
// and the version fields.
func (cn *connection) keepHeader(schema string, f *os.File, cookie int64) error {
	mode, err := cn.db.Text("PRAGMA " + identifier(schema) + ".journal_mode")
	if err != nil {
		return err
	}
	if file, ok := cn.db.DatabaseFile(schema); ok && cn.db.Filename(schema) != "" && mode != "wal" {
		var header [headerSize]byte
		if _, err := file.ReadAt(header[:], 0); err != nil {
			return err
		}
		_, err := f.WriteAt(header[:], 0)
		return err
	}
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(cookie))
	_, err = f.WriteAt(b[:], headerSchemaCookie)
	return err
}

func size(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
