package live

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// What to do about index files.
const (
	IndexAuto = "auto" // take them, if they cannot be older than the connection's index
	IndexDisk = "disk" // take them as they are
	IndexNone = "none" // leave them out
)

// An indexSet is the index files that belong to a schema.
type indexSet struct {
	tables []vectorlite.Table // as declared
	open   []*indexFile       // of those that have a file
}

func (s *indexSet) close() {
	for _, f := range s.open {
		f.Close()
	}
}

// openIndexes opens the index files of a schema, unless one is missing or may
// be older than what this connection holds in memory.
func (cn *Conn) openIndexes(schema, indexFiles string) (set indexSet, err error) {
	defer func() {
		if err != nil {
			set.close()
		}
	}()
	if set.tables, err = indexTables(cn.db, schema); err != nil {
		return set, err
	}
	if !slices.ContainsFunc(set.tables, func(t vectorlite.Table) bool { return t.Path != "" }) {
		return set, nil
	}
	if indexFiles == IndexAuto {
		stale, err := cn.mayBeStale()
		if err != nil {
			return set, err
		}
		if stale {
			return set, misuse("vectors that were changed on this connection may not be in the index files yet; run SELECT vx_snapshot_flush() first, or pass index_files = 'disk' to take the files as they are")
		}
	}
	live, err := cn.databaseFiles()
	if err != nil {
		return set, err
	}
	for _, table := range set.tables {
		if table.Path == "" {
			continue
		}
		if err := live.refuse(table); err != nil {
			return set, err
		}
		f, err := openIndexFile(table)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w; run SELECT vx_snapshot_flush() on the connection that holds the index, or pass index_files = 'none' to leave the index files out", err)
		}
		if err != nil {
			return set, err
		}
		set.open = append(set.open, f)
	}
	return set, nil
}

// mayBeStale reports whether this connection may hold an index that is newer
// than its file: vectorlite writes files only when it disconnects a table.
func (cn *Conn) mayBeStale() (bool, error) {
	vectorlite, err := cn.hasModule("vectorlite")
	return vectorlite && cn.db.TotalChanges() != cn.flushedAt, err
}
