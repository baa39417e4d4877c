package extension

import (
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
)

// A cursor is a run of a table function as SQLite sees it.
type cursor struct {
	f    *tableFunction
	rows rows
	more bool
}

// Filter implements sqlite.VirtualCursor.
func (cu *cursor) Filter(given int, _ string, values ...sqlite.Value) (err error) {
	defer cu.f.report(&err)
	args := make([]*sqlite.Value, cu.f.params+cu.f.hidden)
	for i := range args {
		if given&(1<<i) != 0 {
			args[i], values = &values[0], values[1:]
		}
	}
	used := func(column int) bool { return given>>(usedBit+column)&1 != 0 }
	cu.more = false
	if err = cu.rows.start(args, used); err == nil {
		cu.more, err = cu.rows.next()
	}
	return err
}

// Next implements sqlite.VirtualCursor.
func (cu *cursor) Next() (err error) {
	defer cu.f.report(&err)
	cu.more, err = cu.rows.next()
	return err
}

// Eof implements sqlite.VirtualCursor.
func (cu *cursor) Eof() bool { return !cu.more }

// Rowid implements sqlite.VirtualCursor.
func (cu *cursor) Rowid() (_ int64, err error) {
	defer cu.f.report(&err)
	return cu.rows.rowid(), nil
}

// Column implements sqlite.VirtualCursor. The text of an error that it returned
// would be lost, so the error goes out as the column's result.
func (cu *cursor) Column(ctx *sqlite.VirtualTableContext, i int) error {
	err := func() (err error) {
		defer recovered(&err)
		return cu.rows.column(ctx.Context, i)
	}()
	if err != nil {
		c.ResultError(ctx.Context, codeOf(err), textOf(cu.f.name, err))
	}
	return nil
}

// Close implements sqlite.VirtualCursor.
func (cu *cursor) Close() (err error) {
	defer cu.f.report(&err)
	cu.rows.close()
	return nil
}
