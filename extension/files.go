package extension

import (
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
)

// vx_snapshot_files(schema)
func (cn *surface) files() *tableFunction {
	return &tableFunction{
		name: "vx_snapshot_files",
		declare: `CREATE TABLE x(file_name TEXT, file_type TEXT, path TEXT, file_size INTEGER, state TEXT, detail TEXT,
			schema HIDDEN)`,
		columns:   6,
		params:    1,
		unordered: true,
		open:      func() rows { return &fileRows{cn: cn} },
	}
}

type fileRows struct {
	cn     *surface
	schema string
	all    []live.FileState
	at     int
}

func (r *fileRows) start(args []*sqlite.Value, _ func(int) bool) (err error) {
	if r.schema, err = r.cn.schemaName(args[0]); err != nil {
		return err
	}
	r.at = -1
	r.all, err = r.cn.Files(r.schema)
	return err
}

func (r *fileRows) next() (bool, error) {
	r.at++
	return r.at < len(r.all), nil
}

func (r *fileRows) rowid() int64 { return int64(r.at) }

func (r *fileRows) column(ctx *sqlite.Context, i int) error {
	f := &r.all[r.at]
	texts := [...]string{0: f.Name, 1: f.Type, 2: f.Path, 4: f.State, 5: f.Detail, 6: r.schema}
	switch {
	case i == 3 && f.Size >= 0:
		ctx.ResultInt64(f.Size)
	case i == 0 && f.Name == "", i == 2 && f.Path == "", i == 3:
		// NULL: no such thing
	default:
		c.ResultText(ctx, texts[i])
	}
	return nil
}

func (r *fileRows) close() {}
