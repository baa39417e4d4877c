package vectorlite

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
)

// SchemaQuery gives the rows of sqlite_schema in the order in which SQLite reads
// them, and indexes are numbered. It calls no function, which a host could have
// replaced, and compares nothing: a row is what its statement says, whatever
// type it claims. SQLite reads a BLOB there as text, and so does the cast.
const SchemaQuery = "SELECT rowid, CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_schema ORDER BY rowid"

// A SchemaRow is a row of sqlite_schema.
type SchemaRow struct {
	RowID     int64
	Name, SQL string // "" for NULL
}

// Update is the statement that gives a row of sqlite_schema another SQL text,
// its one parameter.
func (r *SchemaRow) Update() string {
	return fmt.Sprintf("UPDATE sqlite_schema SET sql = ?1 WHERE rowid = %d", r.RowID)
}

// Relocate gives the rows that change so that every vectorlite table of a
// restored schema has its index in directory: in its file of the snapshot, or,
// if it has none there, in the file that an export would call it. Left alone,
// its path would be that of the live index, which vectorlite would overwrite.
//
// The schema is not trusted. A declaration that cannot be read, a file without
// its table, and an index of other vectors than its table declares are errors.
func Relocate(schema []SchemaRow, directory string, files []snapshot.Part) (changed []SchemaRow, err error) {
	return RelocateTo(schema, files, func(_ Table, file string, _ bool) (string, error) {
		return filepath.Join(directory, file), nil
	})
}

// A Place gives the path that a table's index gets. file is the name of its file in the
// snapshot, or, where held is false, that which it would have there.
type Place func(t Table, file string, held bool) (path string, err error)

// RelocateTo is Relocate with a path of its own for each table.
func RelocateTo(schema []SchemaRow, files []snapshot.Part, place Place) (changed []SchemaRow, err error) {
	tables, err := readSchema(schema)
	if err != nil {
		return nil, err
	}
	names, err := tables.nameFiles(files)
	if err != nil {
		return nil, err
	}
	for i, t := range tables {
		row := t.row
		held := slices.ContainsFunc(files, func(part snapshot.Part) bool { return part.File.Name == names[i] })
		path, err := place(t.Table, names[i], held)
		if err != nil {
			return nil, err
		}
		if row.SQL, err = WithPath(row.SQL, path); err != nil {
			return nil, inTable(t.Name, err)
		}
		changed = append(changed, row)
	}
	return changed, nil
}

// A schemaTable is a vectorlite table that declares a path.
type schemaTable struct {
	Table
	row SchemaRow
}

type schemaTables []schemaTable

// readSchema finds the tables, in the order in which an export numbers their
// files.
func readSchema(schema []SchemaRow) (tables schemaTables, err error) {
	var odd schemaTables
	names := make(map[string]bool)
	for _, row := range schema {
		table, ok, err := ParseTable(row.Name, row.SQL)
		switch {
		case err != nil:
			return nil, fault.Damaged("damaged snapshot: %w", err)
		case !ok || !declaresPath(row.SQL):
			continue
		case names[FoldName(row.Name)]:
			return nil, fault.Damaged("damaged snapshot: the database declares table %s twice", fault.Quote(row.Name))
		}
		names[FoldName(row.Name)] = true
		// vectorlite 0.2 writes a file also where the path is '' or ':memory:'. An
		// export does not number those.
		if table.Path == "" {
			odd = append(odd, schemaTable{table, row})
		} else {
			tables = append(tables, schemaTable{table, row})
		}
	}
	return append(tables, odd...), nil
}

// nameFiles gives the name of each table's file. A table without a file in the
// snapshot gets index_N.idx, where N is its place, or the next that is free.
func (tables schemaTables) nameFiles(files []snapshot.Part) ([]string, error) {
	place := make(map[string]int, len(tables))
	for i, t := range tables {
		place[FoldName(t.Name)] = i
	}
	names, taken := make([]string, len(tables)), make(map[string]bool, len(files))
	for _, part := range files {
		i, ok := place[FoldName(part.File.Table)]
		if !ok {
			return nil, fault.Damaged("damaged snapshot: the metadata names table %s, which the database does not declare with vectorlite and a path", fault.Quote(part.File.Table))
		}
		if names[i] != "" {
			return nil, fault.Damaged("damaged snapshot: the metadata lists %s and %s for table %s, which has one index file",
				names[i], part.File.Name, fault.Quote(tables[i].Name))
		}
		if err := tables[i].checkPart(part); err != nil {
			return nil, err
		}
		names[i] = part.File.Name
		taken[FoldName(part.File.Name)] = true // a file system may fold too
	}
	next := 0
	for i := range names {
		if names[i] != "" {
			continue
		}
		for next = max(next, i); names[i] == ""; next++ {
			if name := fmt.Sprintf("index_%d.idx", next); !taken[name] {
				names[i] = name
			}
		}
	}
	return names, nil
}

// checkPart holds the file of the snapshot against the declaration.
func (t *schemaTable) checkPart(part snapshot.Part) error {
	info, err := hnsw.ReadInfo(part, part.File.Size)
	if err != nil {
		return fmt.Errorf("%s: %w", part.File.Name, err)
	}
	return t.CheckVectors(info)
}
