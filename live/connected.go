package live

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
)

// refuseConnected returns an error if a prepared statement of the host may keep
// one of the tables connected over a schema reset. Such a table would not only
// miss the flush: the next statement would connect it a second time, from its
// old file, and whichever of the two is disconnected last would overwrite the
// other's vectors.
func (cn *Conn) refuseConnected(tables []declaredIndex) error {
	var names []string
	for _, table := range tables {
		names = append(names, strings.ToLower(table.Name))
	}
	names, err := cn.reachedFrom(names)
	if err != nil {
		return err
	}
	for _, sql := range cn.otherStatements() {
		if mentions(sql, names) {
			return misuse("nothing was written, because the prepared statement %s is alive and may keep its table connected; "+finalize, fault.Quote(sql))
		}
	}
	return nil
}

// reachedFrom adds to the lower-case names of tables those of the views and
// tables whose use may reach them, through views and triggers.
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
	err := cn.db.Each("SELECT lower(tbl_name), sql FROM "+identifier(schema)+
		".sqlite_schema WHERE type IN ('view', 'trigger')", func(s *c.Stmt) error {
		if name := s.Text(0); mentions(s.Text(1), names) && !slices.Contains(names, name) {
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

// mentions reports whether one of the lower-case names stands in SQL as a word
// of its own, written plainly or with its quotes doubled.
func mentions(sql string, names []string) bool {
	sql = strings.ToLower(sql)
	return slices.ContainsFunc(names, func(name string) bool {
		for _, quote := range []string{`"`, "'", "`"} {
			if hasWord(sql, strings.ReplaceAll(name, quote, quote+quote)) {
				return true
			}
		}
		return false
	})
}

func hasWord(text, word string) bool {
	for at := 0; at <= len(text)-len(word); at++ {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		at += i
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(word):])
		if !inWord(before) && !inWord(after) {
			return true
		}
	}
	return false
}

func inWord(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// otherStatements lists the SQL of the statements of the connection but those
// that call a flush, and those that have made a table: they keep none connected.
func (cn *Conn) otherStatements() []string {
	return slices.DeleteFunc(cn.db.Statements(), func(sql string) bool {
		sql = strings.ToLower(sql)
		return strings.Contains(sql, "vx_snapshot_flush") || strings.HasPrefix(sql, "create virtual table")
	})
}
