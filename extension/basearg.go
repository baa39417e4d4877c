package extension

import (
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
)

// A baseArg is the argument base_directory of an aggregate: the same for every row.
type baseArg struct {
	directory string // "" for none
	known     bool
}

// read reads it, and reports whether this is the first row.
func (b *baseArg) read(v *c.Values, args []sqlite.Value, i int) (first bool, err error) {
	var directory []byte
	switch v.Type(i) {
	case sqlite.SQLITE_NULL:
	case sqlite.SQLITE_TEXT:
		if directory, err = v.Bytes(i); err != nil {
			return false, err
		}
		if len(directory) == 0 {
			return false, usage("base_directory must be the name of a directory, or NULL for none, got ''")
		}
	default:
		return false, usage("base_directory must be TEXT or NULL, got %s", literal(args[i]))
	}
	switch {
	case !b.known:
		b.directory, b.known = string(directory), true
		return true, nil
	case string(directory) != b.directory:
		return false, usage("base_directory must be the same for every row, got %s and %s", fault.Quote(b.directory), fault.Quote(string(directory)))
	}
	return false, nil
}
