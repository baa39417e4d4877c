package vectorlite

import (
	"fmt"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// Module is the module whose tables have index files.
const Module = "vectorlite"

// A Table is a table that is declared USING vectorlite.
type Table struct {
	Name string
	Path string // of the index file as vectorlite takes it; "" if there is none

	// VectorSize is the size of a vector in bytes, 0 if the declaration does not
	// have the form that tells.
	VectorSize int64
}

// ParseTable reads what sqlite_schema says of a virtual table: its name
// and the CREATE VIRTUAL TABLE statement. ok is false for a table of another
// module.
func ParseTable(name, sql string) (t Table, ok bool, err error) {
	args, ok, err := moduleArguments(sql)
	if err != nil || !ok {
		return Table{}, false, inTable(name, err)
	}
	t.Name = name
	if len(args) > pathArgument {
		t.Path = dropQuotes(args[pathArgument].text(sql))
	}
	if len(args) > 0 {
		if t.VectorSize, err = vectorSize(args[0].text(sql)); err != nil {
			return Table{}, false, inTable(name, err)
		}
	}
	if t.Path == ":memory:" {
		t.Path = ""
	}
	if strings.ContainsRune(t.Path, 0) {
		return Table{}, false, inTable(name, fmt.Errorf("the path of its index file has a NUL character"))
	}
	return t, true, nil
}

func inTable(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("table %s: %w", fault.Quote(name), err)
}

// A span is a part of a statement, in bytes.
type span struct{ start, end int }

func (s span) text(sql string) string { return sql[s.start:s.end] }

// moduleArguments splits the arguments of vectorlite as SQLite's parser does:
// at commas outside parentheses, from the first to the last token of each.
// ok is false if the statement declares a table of another module.
func moduleArguments(sql string) (args []span, ok bool, err error) {
	s := scanner{sql: sql}
	for _, keyword := range []string{"create", "virtual", "table"} {
		if t := s.next(); t.kind != word || !sameName(t.text(sql), keyword) {
			return nil, false, nil
		}
	}
	// The table's name; sqlite_schema keeps neither IF NOT EXISTS nor a schema.
	s.next()
	if t := s.next(); t.kind != word || !sameName(t.text(sql), "using") {
		return nil, false, fmt.Errorf("cannot read its declaration %s", fault.Quote(sql))
	}
	module := s.next()
	if module.kind != word && module.kind != quoted {
		return nil, false, fmt.Errorf("cannot read its declaration %s", fault.Quote(sql))
	}
	if !sameName(unquoteName(module.text(sql)), Module) {
		return nil, false, nil
	}
	open := s.next()
	if open.kind == end || open.kind == symbol && open.text(sql) == ";" {
		return nil, true, nil
	}
	if open.text(sql) != "(" {
		return nil, false, fmt.Errorf("cannot read its declaration %s", fault.Quote(sql))
	}
	args, closed := s.arguments()
	if !closed {
		return nil, false, fmt.Errorf("cannot read its declaration %s: a parenthesis or a quote is not closed", fault.Quote(sql))
	}
	return args, true, nil
}

// arguments reads up to the closing parenthesis. An argument without a token
// does not count, as in SQLite.
func (s *scanner) arguments() (args []span, closed bool) {
	var arg span
	for depth := 0; ; {
		t := s.next()
		text := t.text(s.sql)
		switch {
		case t.kind == end || t.kind == broken:
			return nil, false
		case t.kind == symbol && text == "(":
			depth++
		case t.kind == symbol && text == ")" && depth > 0:
			depth--
		case t.kind == symbol && depth == 0 && (text == "," || text == ")"):
			if arg.end > 0 {
				args = append(args, arg)
			}
			if text == ")" {
				return args, true
			}
			arg = span{}
			continue
		}
		if arg.end == 0 {
			arg.start = t.start
		}
		arg.end = t.end
	}
}
