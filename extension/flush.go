package extension

import "go.riyazali.net/sqlite"

// vx_snapshot_flush()
func (cn *surface) flush() *scalar {
	return &scalar{"vx_snapshot_flush", func(ctx *sqlite.Context) error {
		changed, err := cn.Flush()
		if err == nil {
			ctx.ResultInt(changed)
		}
		return err
	}}
}

// vx_snapshot_relocate()
func (cn *surface) relocate() *scalar {
	return &scalar{"vx_snapshot_relocate", func(ctx *sqlite.Context) error {
		relocated, err := cn.Relocate()
		if err == nil {
			ctx.ResultInt(relocated)
		}
		return err
	}}
}
