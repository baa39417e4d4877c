package extension

import "go.riyazali.net/sqlite"

// vx_snapshot_flush()
func (cn *surface) flush() *scalar {
	return &scalar{"vx_snapshot_flush", 0, func(ctx *sqlite.Context, _ []sqlite.Value) error {
		changed, err := cn.Flush()
		if err == nil {
			ctx.ResultInt(changed)
		}
		return err
	}}
}

// vx_snapshot_relocate()
func (cn *surface) relocate() *scalar {
	return &scalar{"vx_snapshot_relocate", 0, func(ctx *sqlite.Context, _ []sqlite.Value) error {
		relocated, err := cn.Relocate()
		if err == nil {
			ctx.ResultInt(relocated)
		}
		return err
	}}
}
