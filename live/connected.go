package live

import (
	"slices"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// refuseReached returns an error if a prepared statement of the connection, the
// one that calls us among them, may keep one of the tables connected over a
// schema reset. Such a table would not only miss the flush: the next statement
// would connect it a second time, from its old file, and whichever of the two is
// disconnected last would overwrite the other's vectors.
func (cn *Conn) refuseReached(tables []declared) error {
	var names []string
	for _, table := range tables {
		names = append(names, vectorlite.FoldName(table.Name))
	}
	names, err := cn.reachedFrom(names)
	if err != nil {
		return err
	}
	if sql := cn.reachingStatement(names); sql != "" {
		return misuse("nothing was written, because the prepared statement %s can reach a table of vectorlite and may keep it connected; "+finalize, fault.Quote(sql))
	}
	return nil
}

// finalize is what a caller can do about statements that are alive.
const finalize = "finalize every statement on such tables and flush in a statement of its own (Python: sqlite3.connect(…, cached_statements=0)), or close the connection, which writes the index too"

// reachingStatement is the SQL of a statement of the connection that names one of
// the tables or views, "" if none does. One that has made a table keeps none
// connected.
func (cn *Conn) reachingStatement(names []string) string {
	for _, sql := range cn.db.Statements() {
		folded := strings.TrimRight(vectorlite.FoldName(sql), "; \n\t")
		if folded == "select vx_snapshot_flush()" || folded == "select vx_snapshot_relocate()" {
			continue // also where a table is called "select"
		}
		if !strings.HasPrefix(folded, "create virtual table") && mentions(sql, names) {
			return sql
		}
	}
	return ""
}

// mentions reports whether one of the folded names stands in SQL as a word of its
// own, written plainly or with its quotes doubled.
func mentions(sql string, names []string) bool {
	sql = vectorlite.FoldName(sql)
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
		end := at + len(word)
		if (at == 0 || !inWord(text[at-1])) && (end == len(text) || !inWord(text[end])) {
			return true
		}
	}
	return false
}

// inWord reports whether a byte can be part of a name that is written plainly:
// to SQLite, every byte of a character beyond ASCII can.
func inWord(b byte) bool {
	return b == '_' || b == '$' || b >= 0x80 || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}
