package live

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Flush makes vectorlite write the indexes that this connection has in memory,
// and returns how many files it wrote. It is a statement of its own: any other
// that can reach one of the tables is refused, before anything is written.
// vectorlite writes when a table is disconnected, which a schema reset makes
// SQLite do; a table that is not connected has nothing in memory.
func (cn *Conn) Flush() (int, error) {
	if err := cn.usable(); err != nil {
		return 0, err
	}
	if !cn.db.AutoCommit() {
		return 0, misuse("a flush cannot run inside a transaction; commit or roll back first")
	}
	if registered, err := cn.hasModule(vectorlite.Module); err != nil || !registered {
		return 0, err // nothing can be connected
	}
	tables, err := cn.declared()
	if err != nil {
		return 0, err
	}
	if err := cn.refuseReached(tables); err != nil {
		return 0, err
	}
	changes := int64(cn.db.TotalChanges())
	tables, err = cn.toFlush(tables)
	if err != nil {
		return 0, err
	}
	begun, err := beginExchanges(tables)
	if err != nil {
		return 0, err
	}
	if len(begun) > 0 {
		if err := cn.resetSchema(); err != nil {
			return 0, errors.Join(err, abandon(begun))
		}
	}
	if err := cn.finishExchanges(begun); err != nil {
		return 0, err
	}
	cn.flushedAt.Store(changes)
	return len(begun), nil
}

// resetSchema disconnects every virtual table that no statement keeps. Preparing
// the pragma resets the schema; stepping it would do no more. It also takes back
// PRAGMA writable_schema = ON, which the host may have set.
func (cn *Conn) resetSchema() error {
	writable, err := cn.pragmaInt("writable_schema")
	if err != nil {
		return err
	}
	reset, err := cn.db.Prepare("PRAGMA writable_schema = RESET")
	if err != nil {
		return fmt.Errorf("reset the schema: %w", err)
	}
	reset.Close()
	if writable != 0 {
		return cn.db.Exec("PRAGMA writable_schema = ON")
	}
	return nil
}

// toFlush gives the tables that the schema reset will disconnect, none if there is
// nothing to write: what a connection only searched is in its file, which somebody
// else may have written since.
func (cn *Conn) toFlush(tables []declared) (all []declared, err error) {
	needed := cn.changed()
	for _, table := range tables {
		away := cn.elsewhere(table.Table)
		if table.Path != "" && away == nil {
			if err := interrupted(table.Table); err != nil {
				return nil, err
			}
		}
		connected, known := cn.connected(table)
		switch {
		case !known:
			return nil, misuse("nothing was written, because an authorizer of this connection keeps vxsnap from asking whether table %s is in use; allow INSERT on it, or close the connection, which writes the index too", fault.Quote(table.Name))
		case !connected:
			continue
		case away != nil:
			return nil, nothingWritten(away)
		case table.Path == "" && cn.changed():
			return nil, misuse("nothing was written, because a flush would empty the index of table %s, which has no file; declare a path as vectorlite's third argument, or close and reopen the connection if that index may go", fault.Quote(table.Name))
		case table.Path != "":
			_, exists := keyOf(table.Path)
			needed = needed || !exists
			all = append(all, table)
		}
	}
	if !needed {
		return nil, nil
	}
	return all, nil
}

// beginExchanges begins with the file of each table. After an error everything is
// as it was.
func beginExchanges(tables []declared) (begun []*exchange, err error) {
	paths := make([]string, len(tables))
	for i, table := range tables {
		if paths[i], err = resolve(table.Path); err != nil {
			return nil, nothingWritten(cannotOpen(table.Table, err))
		}
		if j := slices.Index(paths[:i], paths[i]); j >= 0 {
			return nil, misuse("nothing was written, because tables %s and %s declare the same index file %s; declare another path", fault.Quote(tables[j].Name), fault.Quote(table.Name), fault.Quote(paths[i]))
		}
	}
	for i, table := range tables {
		x, err := exchangeFile(table.Table, paths[i])
		if err != nil {
			return nil, errors.Join(err, abandon(begun))
		}
		begun = append(begun, x)
	}
	return begun, nil
}

// abandon puts everything back.
func abandon(begun []*exchange) (err error) {
	for _, x := range begun {
		err = errors.Join(err, x.putBack(false))
		x.close()
	}
	return err
}

// finishExchanges finishes with every file, also after an error with one.
func (cn *Conn) finishExchanges(begun []*exchange) (err error) {
	for _, x := range begun {
		id, written, failed := x.finish()
		if written {
			cn.written[x.Path] = id
		}
		err = errors.Join(err, failed)
	}
	return err
}
