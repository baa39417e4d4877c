package live

import (
	"os"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// liveFiles are the files that SQLite has open for this connection. One of
// them must never be opened as an index file: closing our descriptor would
// drop SQLite's POSIX locks on it.
type liveFiles []os.FileInfo

func (cn *Conn) databaseFiles() (live liveFiles, err error) {
	err = cn.db.Each("SELECT file FROM pragma_database_list WHERE file <> ''", func(s *c.Stmt) error {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			if info, err := statInfo(s.Text(0) + suffix); err == nil {
				live = append(live, info)
			}
		}
		return nil
	})
	return live, err
}

// refuse returns an error if the path of a table names one of the files.
func (live liveFiles) refuse(table vectorlite.Table) error {
	info, err := statInfo(table.Path)
	if err != nil {
		return nil // for OpenIndexFile to report
	}
	for _, file := range live {
		if os.SameFile(info, file) {
			return misuse("table %s declares %s as its index file, which is part of an open database; declare another path", fault.Quote(table.Name), fault.Quote(table.Path))
		}
	}
	return nil
}
