package live

import (
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A declared table is one of vectorlite's tables in one of the connection's
// databases.
type declared struct {
	schema string
	vectorlite.Table
}

// declared lists vectorlite's tables in every database of the connection.
func (cn *Conn) declared() (all []declared, err error) {
	schemas, err := cn.schemas()
	if err != nil {
		return nil, err
	}
	for _, schema := range schemas {
		tables, err := cn.tables(schema)
		if err != nil {
			return nil, err
		}
		for _, table := range tables {
			all = append(all, declared{schema, table})
		}
	}
	return all, nil
}

// tables is indexTables of the caller's connection, waiting for locks.
func (cn *Conn) tables(schema string) (tables []vectorlite.Table, err error) {
	err = cn.awaitOwn(schema, func() (err error) {
		tables, err = indexTables(cn.db, schema)
		return err
	})
	return tables, err
}

// connected reports whether a table is connected, which is when vectorlite has its
// index in memory. A statement that was prepared before the schema was last reset
// may keep it connected beside that.
func (cn *Conn) connected(table declared) (connected, known bool) {
	return cn.db.Connected(identifier(table.schema), identifier(table.Name))
}

// sameFile reports whether two tables have the same index file.
func (d *declared) sameFile(path string) bool {
	if d.Path == "" || path == "" {
		return false
	}
	mine, ok := keyOf(d.Path)
	theirs, ok2 := keyOf(path)
	return d.Path == path || ok && ok2 && mine == theirs
}
