package vectorlite

import (
	"fmt"
	"path/filepath"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
)

// Relocations says where the tables of these index files will find them: in
// directory.
func Relocations(directory string, files []snapshot.Part) (all []Relocation, err error) {
	for _, part := range files {
		info, err := hnsw.ReadInfo(part, part.File.Size)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.File.Name, err)
		}
		all = append(all, Relocation{part.File.Table, filepath.Join(directory, part.File.Name), info})
	}
	return all, nil
}

// A Relocation says where the index file of a table will be.
type Relocation struct {
	Table string
	Path  string // absolute
	Index hnsw.Info
}

// Rewrite gives the CREATE statement of the table with the new path in it. The
// statement, from sqlite_schema of a restored database, is not trusted: it must
// declare a vectorlite table whose vectors are those of the index.
func (r *Relocation) Rewrite(sql string) (string, error) {
	declared, ok, err := ParseTable(r.Table, sql)
	if err != nil || !ok {
		return "", fault.Damaged("damaged snapshot: the metadata names table %s, which the database does not declare with vectorlite", fault.Quote(r.Table))
	}
	if err := declared.CheckVectors(r.Index); err != nil {
		return "", err
	}
	rewritten, err := WithPath(sql, r.Path)
	if err != nil {
		return "", fmt.Errorf("table %s: %w", fault.Quote(r.Table), err)
	}
	return rewritten, nil
}
