package vectorlite

import (
	"fmt"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// pathArgument is which argument of vectorlite is the path, counted from 0.
const pathArgument = 2

// dropQuotes drops one pair of outer quotes, as vectorlite does.
func dropQuotes(s string) string {
	if n := len(s); n >= 2 && (s[0] == '\'' || s[0] == '"') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}

// quoteFor gives the quote that a path can stand in: vectorlite drops the outer
// quotes and does not undouble inner ones. ok is false if there is none.
func quoteFor(path string) (quote string, ok bool) {
	quote = "'"
	if strings.Contains(path, "'") {
		quote = `"`
	}
	return quote, !strings.Contains(path, quote) && !strings.ContainsRune(path, 0)
}

// CheckDirectory says whether a declaration can name a file in a directory.
func CheckDirectory(directory string) error {
	if _, ok := quoteFor(directory); !ok {
		return fault.New(fault.ErrTarget, "directory %s cannot be written into the schema of the restored database, because its path has both kinds of quotes, ' and \", or a NUL character; name a directory elsewhere", fault.Quote(directory))
	}
	return nil
}

// declaresPath reports whether a statement declares a vectorlite table with a
// third argument, whatever that says.
func declaresPath(sql string) bool {
	args, ok, err := moduleArguments(sql)
	return err == nil && ok && len(args) > pathArgument
}

// WithPath returns a CREATE VIRTUAL TABLE statement of vectorlite with another
// path in it, quoted so that SQLite and vectorlite read the path back
// unchanged. The statement must name a path already.
func WithPath(sql, path string) (string, error) {
	args, ok, err := moduleArguments(sql)
	if err != nil {
		return "", err
	}
	if !ok || len(args) <= pathArgument {
		return "", fmt.Errorf("statement %s declares no index file", fault.Quote(sql))
	}
	quote, ok := quoteFor(path)
	if !ok {
		return "", fmt.Errorf("path %s cannot be written in SQL, because it has both kinds of quotes or a NUL character; choose another directory", fault.Quote(path))
	}
	at := args[pathArgument]
	return sql[:at.start] + quote + path + quote + sql[at.end:], nil
}
