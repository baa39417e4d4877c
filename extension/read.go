package extension

import (
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
)

// vx_snapshot_read(path)
func (cn *surface) read() *tableFunction {
	return &tableFunction{
		name: "vx_snapshot_read",
		declare: `CREATE TABLE x(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT,
			path HIDDEN)`,
		columns: 6,
		params:  1,
		open:    func() rows { return &savedRows{cn: cn} },
	}
}

type savedRows struct {
	cn    *surface
	path  string
	saved *live.Saved
}

func (r *savedRows) start(args []*sqlite.Value, _ func(int) bool) (err error) {
	r.close()
	if r.path, err = pathOf(args[0]); err != nil {
		return err
	}
	r.saved, err = r.cn.OpenSaved(r.path)
	return err
}

func (r *savedRows) next() (bool, error) { return r.saved.Next() }
func (r *savedRows) rowid() int64        { return r.saved.Row().Seq }

func (r *savedRows) column(ctx *sqlite.Context, i int) error {
	if i < len(rowColumns) {
		resultOf(ctx, r.saved.Row(), i)
	} else {
		c.ResultText(ctx, r.path)
	}
	return nil
}

func (r *savedRows) close() {
	if r.saved != nil {
		r.saved.Close()
		r.saved = nil
	}
}
