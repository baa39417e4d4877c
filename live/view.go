package live

import (
	"strings"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A view is the committed state of one schema at one moment, held still until
// it is closed.
type view struct {
	source snapshot.Source
	way    string             // "pin, " or "spool: ", and more about it
	older  bool               // perhaps: the caller stands at a commit that others have passed
	tables []vectorlite.Table // if they were asked for
	close  func()
}

// openView takes the view of a schema that a snapshot starting now must show. The
// schema is read only for the tables.
func (cn *Conn) openView(schema string, tables bool) (*view, error) {
	reason, err := cn.notPinnable(schema)
	if err != nil {
		return nil, err
	}
	if reason == "" {
		v, err := cn.pin(schema, tables)
		if err == nil || cn.toldToEnd(err) {
			return v, err
		}
		// The caller's connection may still be able to read: it may hold a lock
		// already, a key, or a file that has no name any more.
		reason = "no pin: " + err.Error()
	}
	v, err := cn.spool(schema, tables, reason)
	if err == nil {
		v.older = reason == olderCommit
	}
	return v, err
}

// indexTables lists the tables of a schema that vectorlite keeps an index for,
// in the order of sqlite_schema. It asks for rows and chooses here: a function or
// an operator that SQL calls by its name, LIKE among them, may be the host's.
func indexTables(db c.DB, schema string) (tables []vectorlite.Table, err error) {
	err = db.Each("SELECT type, name, sql FROM "+identifier(schema)+".sqlite_schema ORDER BY rowid", func(s *c.Stmt) error {
		if s.Text(0) == "" || s.Text(0) == "table" && s.Text(2) == "" { // no row of a schema is so
			return ignoredSchema(schema)
		}
		if s.Text(0) != "table" || !strings.HasPrefix(vectorlite.FoldName(s.Text(2)), "create virtual table") {
			return nil
		}
		table, ok, err := vectorlite.ParseTable(s.Text(1), s.Text(2))
		if ok {
			tables = append(tables, table)
		}
		return err
	})
	return tables, err
}

// identifier quotes a name for SQL.
func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
