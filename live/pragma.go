package live

import (
	"fmt"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
)

// pragma calls read with the row of a pragma of the caller's connection, which has
// one. An authorizer of the host's may make a statement out of it that has none.
func (cn *Conn) pragma(name string, read func(*c.Stmt)) error {
	s, err := cn.db.Prepare("PRAGMA " + name)
	if err != nil {
		return fmt.Errorf("read PRAGMA %s: %w", name, err)
	}
	defer s.Close()
	row, err := s.Step()
	if err != nil {
		return fmt.Errorf("read PRAGMA %s: %w", name, err)
	}
	if !row {
		return ignored(name)
	}
	read(s)
	return nil
}

// ignored is the error of a pragma that gave nothing.
func ignored(name string) error {
	return &c.Error{Code: c.Auth.Code, Text: "PRAGMA " + name + " gives nothing: the authorizer of this connection ignores it; let it answer SQLITE_OK to the PRAGMAs of vxsnap"}
}

// ignoredSchema is the error of a schema whose rows say nothing.
func ignoredSchema(schema string) error {
	return &c.Error{Code: c.Auth.Code, Text: "the schema of " + fault.Quote(schema) + " says nothing of its tables: the authorizer of this connection ignores reads of it; let it answer SQLITE_OK to reads of sqlite_master"}
}

func (cn *Conn) pragmaInt(name string) (n int64, err error) {
	err = cn.pragma(name, func(s *c.Stmt) { n = s.Int64(0) })
	return n, err
}

func (cn *Conn) pragmaText(name string) (text string, err error) {
	err = cn.pragma(name, func(s *c.Stmt) { text = s.Text(0) })
	return text, err
}

// schemas lists the databases of the connection.
func (cn *Conn) schemas() (names []string, err error) {
	err = cn.db.Each("PRAGMA database_list", func(s *c.Stmt) error {
		names = append(names, s.Text(1))
		return nil
	})
	if err == nil && len(names) == 0 {
		err = ignored("database_list")
	}
	return names, err
}
