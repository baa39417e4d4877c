package extension

import (
	"fmt"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/live"
)

// A baseArg is the argument base_directory of an aggregate: the same for every row.
type baseArg struct {
	text  string // "" for none
	known bool
	live.BaseDirectory
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
		b.text, b.known = string(directory), true
		if b.text != "" {
			if b.BaseDirectory, err = live.NewBaseDirectory(b.text); err != nil {
				err = fmt.Errorf("base_%w", err)
			}
		}
		return true, err
	case string(directory) != b.text:
		return false, usage("base_directory must be the same for every row, got %s and %s", orNull(b.text), orNull(string(directory)))
	}
	return false, nil
}

func orNull(text string) string {
	if text == "" {
		return "NULL"
	}
	return fault.Quote(text)
}
