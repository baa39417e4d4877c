package live

import (
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A stale checker tells which tables' files may be older than what this
// connection holds in memory: vectorlite writes a file only when it disconnects
// the table.
type staleChecker struct {
	cn      *Conn
	changed bool       // rows, of any table, since the last flush
	all     []declared // the tables of the connection, if changed
}

func (cn *Conn) staleChecker() (*staleChecker, error) {
	s := &staleChecker{cn: cn}
	registered, err := cn.hasModule(vectorlite.Module)
	if s.changed = err == nil && registered && cn.changed(); s.changed {
		s.all, err = cn.declared()
	}
	return s, err
}

// changed reports whether the connection changed rows, of any table, since its
// last flush. SQLite counts those of a virtual table and of others together.
func (cn *Conn) changed() bool { return int64(cn.db.TotalChanges()) != cn.flushedAt.Load() }

// stale reports whether the connection may hold vectors that the table's file has
// not: something was changed, and a table of that file is connected, or was and a
// statement keeps it. The same database may be attached under two names.
func (s *staleChecker) stale(schema string, table vectorlite.Table) (bool, error) {
	if !s.changed {
		return false, nil
	}
	for _, other := range s.all {
		if other.schema == schema && other.Name == table.Name || other.sameFile(table.Path) {
			if connected, known := s.cn.connected(other); connected || !known {
				return true, nil
			}
		}
	}
	names, err := s.cn.reachedFrom([]string{vectorlite.FoldName(table.Name)})
	if err != nil {
		return false, err
	}
	return s.cn.reachingStatement(names) != "", nil
}

// require returns an error if this connection may hold a newer index of one of the
// tables.
func (s *staleChecker) require(schema string, tables []vectorlite.Table) error {
	for _, table := range tables {
		stale, err := s.stale(schema, table)
		if err != nil {
			return err
		}
		if stale && table.Path != "" {
			return &Misuse{s.detail(table), ErrHeld}
		}
	}
	return nil
}

func (s *staleChecker) detail(table vectorlite.Table) string {
	return "this connection may hold a newer index of table " + fault.Quote(table.Name) +
		" in memory; run SELECT vx_snapshot_flush() first, or pass index_files = 'disk' to take the file as it is"
}
