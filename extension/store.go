package extension

import (
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/store"
)

// vx_snapshot_store_schema()
func (cn *surface) storeSchema() *scalar {
	return &scalar{"vx_snapshot_store_schema", 0, func(ctx *sqlite.Context, _ []sqlite.Value) error {
		c.ResultText(ctx, store.Schema())
		return nil
	}}
}
