package live

import (
	"fmt"
	"sync"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// freshness tells whether the index files of a schema hold what was committed.
type freshness struct {
	cn    *Conn
	stale *staleChecker
	other func() (string, error) // who else may hold a newer index; asked once, if at all
}

// freshness is to be asked after the view of the database was taken: who has
// not the database open then has written what it held, and that shows.
func (cn *Conn) freshness(schema string, stale *staleChecker) *freshness {
	return &freshness{cn, stale, sync.OnceValues(func() (string, error) { return cn.otherHolder(schema) })}
}

// of gives the state of a table's file, and what to say of it.
func (f *freshness) of(schema string, table vectorlite.Table, file identity) (state, detail string, err error) {
	path, name := fault.Quote(table.Path), fault.Quote(table.Name)
	stale, err := f.stale.stale(schema, table)
	if err != nil {
		return "", "", err
	}
	written, flushed := f.cn.written[table.Path]
	switch {
	case stale:
		return StateStale, f.stale.detail(table), nil
	case flushed && written != file:
		return StateHeld, fmt.Sprintf("index file %s of table %s is not the one that this connection's flush wrote: two connections hold different indexes, and the last to close wins; bring the file back, or pass index_files = 'disk' to take it as it is", path, name), nil
	case flushed:
		return StateOK, "", nil
	}
	other, err := f.other()
	if err != nil || other == "" {
		return StateOK, "", err
	}
	return StateHeld, fmt.Sprintf("%s may hold a newer index of table %s in memory; take the snapshot in the connection that holds the vectors, or flush there and pass index_files = 'disk' here", other, name), nil
}

// beside says who else may hold vectors that a file which this connection flushed
// has not, "" if nobody can.
func (f *freshness) beside() (detail string, err error) {
	other, err := f.other()
	if err == nil && other != "" {
		detail = fmt.Sprintf("as this connection flushed it; %s may hold other vectors in memory", other)
	}
	return detail, err
}

// require returns an error if the file of a table may be older than what was
// committed.
func (f *freshness) require(schema string, table vectorlite.Table, file identity) error {
	state, detail, err := f.of(schema, table, file)
	if err == nil && state != StateOK {
		err = &Misuse{detail, ErrHeld}
	}
	return err
}
