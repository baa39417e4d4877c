package live

import (
	"fmt"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// Flush makes vectorlite write this connection's indexes, and returns
// how many files changed. vectorlite writes when a table is disconnected, which
// a schema reset makes SQLite do. Preparing the pragma resets the schema;
// stepping it would do no more.
func (cn *Conn) Flush() (int, error) {
	if !cn.db.AutoCommit() {
		return 0, misuse("a flush cannot run inside a transaction; commit or roll back first")
	}
	if err := cn.refuseEmptying(); err != nil {
		return 0, err
	}
	before, err := cn.indexTimes()
	if err != nil {
		return 0, err
	}
	if err := cn.refuseConnected(before); err != nil {
		return 0, err
	}
	if err := cn.refuseUnwritable(before); err != nil {
		return 0, err
	}
	changes := cn.db.TotalChanges()
	reset, err := cn.db.Prepare("PRAGMA writable_schema = RESET")
	if err != nil {
		return 0, fmt.Errorf("reset the schema: %w", err)
	}
	reset.Close()
	changed := 0
	for _, was := range before {
		now, err := statInfo(was.Path)
		switch {
		case err == nil && (was.info == nil || !sameFile(was.info, now)):
			if err := was.checkWritten(now.Size()); err != nil {
				return 0, err
			}
			changed++
		case changes == cn.flushedAt: // nothing to write
		default:
			if other := cn.otherStatements(); len(other) > 0 {
				return 0, misuse("index file %s was not written, perhaps because of the prepared statement %s; "+finalize, fault.Quote(was.Path), fault.Quote(other[0]))
			}
		}
	}
	cn.flushedAt = changes
	return changed, nil
}

// refuseEmptying returns an error if a flush would lose vectors: a table that is
// disconnected forgets its index, and this one has no file to write it to.
func (cn *Conn) refuseEmptying() error {
	stale, err := cn.mayBeStale()
	if err != nil || !stale {
		return err
	}
	schemas, err := cn.schemas()
	if err != nil {
		return err
	}
	for _, schema := range schemas {
		tables, err := indexTables(cn.db, schema)
		if err != nil {
			return err
		}
		for _, table := range tables {
			if table.Path == "" {
				return misuse("nothing was written, because a flush would empty the index of table %s, which has no file; declare a path as vectorlite's third argument, or close and reopen the connection if that index may go", fault.Quote(table.Name))
			}
		}
	}
	return nil
}

// finalize is what a caller can do about statements that are alive.
const finalize = "finalize all statements (Python: sqlite3.connect(…, cached_statements=0)) or close and reopen the connection"
