package live

import (
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Interrupted says that a flush was killed before its end, and what to do.
type Interrupted struct {
	table       vectorlite.Table
	path, aside string
	whole       bool // what the flush wrote
}

func (e *Interrupted) Error() string {
	text := "a flush of index file " + fault.Quote(e.table.Path) + " of table " + fault.Quote(e.table.Name) + " was interrupted: the file of before is " +
		fault.QuoteWhole(e.aside) + "; rename it to " + fault.QuoteWhole(e.path) + " to go back to it"
	if e.whole {
		text += ", or remove it to keep what the flush wrote, which is whole"
	}
	return text
}

// Unwrap makes it an error of an index file.
func (e *Interrupted) Unwrap() error { return fault.ErrIndexFile }
