package live

import (
	"errors"
	"fmt"

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
	begun, err := cn.beginExchanges(tables)
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
// the pragma resets the schema; stepping it would do no more.
func (cn *Conn) resetSchema() error {
	reset, err := cn.db.Prepare("PRAGMA writable_schema = RESET")
	if err != nil {
		return fmt.Errorf("reset the schema: %w", err)
	}
	reset.Close()
	return nil
}

// beginExchanges begins with the file of each connected table. After an error
// everything is as it was.
func (cn *Conn) beginExchanges(tables []declared) (begun []*exchange, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, abandon(begun))
		}
	}()
	for _, table := range tables {
		if table.Path != "" {
			if err := interrupted(table.Table); err != nil {
				return begun, err
			}
		}
		if !connected(cn.db, table.schema, table.Table) {
			continue
		}
		if table.Path == "" {
			if cn.changed() {
				return begun, misuse("nothing was written, because a flush would empty the index of table %s, which has no file; declare a path as vectorlite's third argument, or close and reopen the connection if that index may go", fault.Quote(table.Name))
			}
			continue
		}
		x, err := beginExchange(table.Table, begun)
		if err != nil {
			return begun, err
		}
		begun = append(begun, x)
	}
	return begun, nil
}

func beginExchange(table vectorlite.Table, begun []*exchange) (*exchange, error) {
	path, err := resolve(table.Path)
	if err != nil {
		return nil, nothingWritten(cannotOpen(table, err))
	}
	for _, other := range begun {
		if other.path == path {
			return nil, misuse("nothing was written, because tables %s and %s declare the same index file %s; declare another path", fault.Quote(other.Name), fault.Quote(table.Name), fault.Quote(path))
		}
	}
	return exchangeFile(table, path)
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
