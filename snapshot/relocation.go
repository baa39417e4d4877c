package snapshot

import "fmt"

// A Relocation says where the index file of a table will be.
type Relocation struct {
	Table string
	Path  string // absolute
	Index IndexInfo
}

// Rewrite gives the CREATE statement of the table with the new path in it. The
// statement, from sqlite_schema of a restored database, is not trusted: it must
// declare a vectorlite table whose vectors are those of the index.
func (r *Relocation) Rewrite(sql string) (string, error) {
	declared, ok, err := ParseIndexTable(r.Table, sql)
	if err != nil || !ok {
		return "", Damaged("damaged snapshot: the metadata names table %s, which the database does not declare with vectorlite", Quote(r.Table))
	}
	if err := declared.CheckVectors(r.Index); err != nil {
		return "", err
	}
	rewritten, err := WithPath(sql, r.Path)
	if err != nil {
		return "", fmt.Errorf("table %s: %w", Quote(r.Table), err)
	}
	return rewritten, nil
}
