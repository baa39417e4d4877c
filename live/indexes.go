package live

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/vxsnap/vxsnap/internal/fault"
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

// openIndexes opens the index files of tables, unless one is missing, or there
// is none for a table and that was not asked for.
func openIndexes(tables []vectorlite.Table, indexFiles string) (set indexSet, err error) {
	set.tables = tables
	defer func() {
		if err != nil {
			set.close()
		}
	}()
	for _, table := range set.tables {
		if table.Path == "" {
			if indexFiles == IndexAuto {
				return set, misuse("the index of table %s has no file, so that its vectors cannot be in a snapshot; declare a path as vectorlite's third argument, or pass index_files = 'disk' or 'none' to go on without them", fault.Quote(table.Name))
			}
			continue
		}
		f, err := openBesideFlushes(table)
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

// openBesideFlushes opens the index file of a table, unless a flush of it is going
// on or was interrupted, which is asked after the file is open: it may be the empty
// one, or missing for as long as the flush lasts.
func openBesideFlushes(table vectorlite.Table) (*indexFile, error) {
	f, err := openIndexFile(table)
	if flush := interrupted(table); flush != nil {
		if err == nil {
			f.Close()
		}
		return nil, flush
	}
	return f, err
}
