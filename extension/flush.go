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
