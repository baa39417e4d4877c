package live

import (
	"slices"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// reachedFrom adds to the folded names of tables those of the views and tables
// whose use may reach them: through a view, a trigger, or a foreign key, whose
// cascade fires the triggers of the child.
func (cn *Conn) reachedFrom(names []string) ([]string, error) {
	schemas, err := cn.schemas()
	if err != nil {
		return nil, err
	}
	for before := -1; before < len(names); {
		before = len(names)
		for _, schema := range schemas {
			if names, err = cn.reachedIn(schema, names); err != nil {
				return nil, err
			}
		}
	}
	return names, nil
}

func (cn *Conn) reachedIn(schema string, names []string) ([]string, error) {
	add := func(name string) {
		if name = vectorlite.FoldName(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var children []string
	err := cn.db.Each("SELECT type, tbl_name, sql FROM "+identifier(schema)+".sqlite_schema", func(s *c.Stmt) error {
		switch name := s.Text(1); s.Text(0) {
		case "view", "trigger":
			if mentions(s.Text(2), names) {
				add(name)
			}
		case "table":
			if slices.Contains(names, vectorlite.FoldName(name)) {
				children = append(children, name)
			}
		}
		return nil
	})
	if err != nil {
		return names, err
	}
	for _, child := range children {
		parents := "PRAGMA " + identifier(schema) + ".foreign_key_list(" + identifier(child) + ")"
		if err := cn.db.Each(parents, func(s *c.Stmt) error { add(s.Text(2)); return nil }); err != nil {
			return names, err
		}
	}
	return names, nil
}
