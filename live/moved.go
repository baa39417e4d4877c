package live

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Relocate is for a database that was moved or copied together with its index
// files: it lets every vectorlite table of the main database name the file beside
// the database that has the last part of its declared path, and returns how many
// tables named another one before. Otherwise vectorlite finds no file where the
// declaration says, and takes that for an empty index. It is all or nothing: a
// file that is missing or no index of its table is an error. Like a flush it is a
// statement of its own, and refused where the table may be connected: its index
// would be written to the old path.
func (cn *Conn) Relocate() (int, error) {
	if err := cn.usable(); err != nil {
		return 0, err
	}
	path := cn.db.Filename("main")
	if path == "" {
		return 0, misuse("the main database is not in a file, so that no index file can be beside it")
	}
	if !cn.db.AutoCommit() || cn.db.TxnState("main") != c.TxnNone {
		return 0, misuse("a relocation cannot run inside a transaction, nor beside a statement that reads the database; commit or roll back first, and run SELECT vx_snapshot_relocate() alone")
	}
	if err := cn.refuseInUse(); err != nil {
		return 0, err
	}
	db, err := openToEdit(path, c.OpenReadWrite|c.OpenPrivate, cn.db.VFS("main"))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if err := cn.await("main", func() error { return db.Exec("BEGIN IMMEDIATE") }); err != nil {
		return 0, err
	}
	// Somebody may have come while we waited for the lock.
	file, _ := keyOf(path)
	countPin(file, 1)
	err = cn.refuseHeld()
	countPin(file, -1)
	if err != nil {
		return 0, err
	}
	rows, err := cn.movedRows(db, filepath.Dir(path))
	if err != nil || len(rows) == 0 {
		return 0, err // closing rolls back
	}
	if err := updateRows(db, rows); err != nil {
		return 0, err
	}
	version, err := db.Int64("PRAGMA schema_version")
	if err != nil {
		return 0, err
	}
	// So that every connection reads the schema again.
	if err := db.Exec(fmt.Sprintf("PRAGMA schema_version = %d", version+1)); err != nil {
		return 0, err
	}
	if err := cn.await("main", func() error { return db.Exec("COMMIT") }); err != nil {
		return 0, err
	}
	return len(rows), nil
}

// refuseInUse returns an error if somebody may have an index of the main database
// in memory: this connection, or another.
func (cn *Conn) refuseInUse() error {
	all, err := cn.declared()
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return nil
	}
	registered, err := cn.hasModule(vectorlite.Module)
	if err == nil && registered {
		err = cn.refuseConnected(all)
	}
	if err != nil {
		return err
	}
	return cn.refuseHeld()
}

// refuseConnected returns an error if this connection may have one of the tables
// connected.
func (cn *Conn) refuseConnected(tables []declared) error {
	if err := cn.refuseReached(tables); err != nil {
		return err
	}
	for _, table := range tables {
		if connected, known := cn.connected(table); connected || !known {
			return misuse("table %s is in use on this connection, which would write its index to the old path; open another connection and relocate there before anything uses the table", fault.Quote(table.Name))
		}
	}
	return nil
}

// refuseHeld returns an error if somebody else has the main database open.
func (cn *Conn) refuseHeld() error {
	other, err := cn.otherHolder("main")
	if err == nil && other != "" {
		err = misuse("%s has the database open and may write an index to the old path; close it and relocate again", other)
	}
	return err
}

// movedRows gives the rows of the schema whose tables have their file in the
// directory, but name another.
func (cn *Conn) movedRows(db c.DB, directory string) (changed []vectorlite.SchemaRow, err error) {
	rows, err := schemaRows(db)
	if err != nil {
		return nil, err
	}
	users := make(map[string]string)
	for _, row := range rows {
		table, ok, err := vectorlite.ParseTable(row.Name, row.SQL)
		if err != nil {
			return nil, err
		}
		if !ok || table.Path == "" {
			continue
		}
		was := table.Path
		table.Path = filepath.Join(directory, filepath.Base(was))
		if user, taken := users[table.Path]; taken {
			return nil, misuse("tables %s and %s would have the same index file %s; nothing was changed", fault.Quote(user), fault.Quote(table.Name), fault.Quote(table.Path))
		}
		users[table.Path] = table.Name
		if err := cn.checkMoved(table); err != nil {
			return nil, err
		}
		if table.Path == was {
			continue
		}
		if row.SQL, err = vectorlite.WithPath(row.SQL, table.Path); err != nil {
			return nil, err
		}
		changed = append(changed, row)
	}
	return changed, nil
}

// checkMoved returns an error if there is no whole index of a table.
func (cn *Conn) checkMoved(table vectorlite.Table) error {
	if err := interrupted(table); err != nil {
		return err
	}
	f, err := openIndexFile(table)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("nothing was changed, because there is no %w; bring it beside the database and relocate again", err)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Check(cn.Interrupted)
	return err
}
