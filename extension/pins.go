package extension

import (
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
)

// vx_snapshot_pin(schema, index_files)
//
// One row. While its cursor is open, vx_snapshot_chunks of the same schema on
// the same connection streams the moment at which the cursor started.
func (cn *surface) pinned() *tableFunction {
	return &tableFunction{
		name: "vx_snapshot_pin",
		declare: `CREATE TABLE x(schema TEXT, page_size INTEGER, pages INTEGER, way TEXT,
			of HIDDEN, index_files HIDDEN)`,
		columns:   4,
		params:    2,
		first:     true,
		unordered: true,
		open:      func() rows { return &pinRow{cn: cn} },
	}
}

type pinRow struct {
	cn     *surface
	schema string
	hold   *live.Hold // nil while nothing is pinned
	read   bool       // the row was read
}

func (r *pinRow) start(args []*sqlite.Value, _ func(int) bool) (err error) {
	r.close()
	if r.schema, err = r.cn.schemaName(args[0]); err != nil {
		return err
	}
	word, err := indexFiles(args[1])
	if err != nil {
		return err
	}
	if word == "" {
		word = live.IndexAuto
	}
	if r.hold, err = r.cn.Hold(r.schema, word); err != nil {
		return err
	}
	r.read = false
	return nil
}

// next gives one row. The pin lasts until the cursor is closed, also after the
// row was read.
func (r *pinRow) next() (bool, error) {
	more := !r.read
	r.read = true
	return more, nil
}

func (r *pinRow) rowid() int64 { return 0 }

func (r *pinRow) column(ctx *sqlite.Context, i int) error {
	switch i {
	case 0, 4:
		c.ResultText(ctx, r.schema)
	case 1:
		ctx.ResultInt64(r.hold.PageSize())
	case 2:
		ctx.ResultInt64(r.hold.Pages())
	case 3:
		c.ResultText(ctx, r.hold.Way())
	case 5:
		c.ResultText(ctx, r.hold.IndexFiles())
	}
	return nil
}

func (r *pinRow) close() {
	if r.hold != nil {
		r.hold.Release()
		r.hold = nil
	}
}
