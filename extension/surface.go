package extension

import (
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A surface is the SQL functions of one connection. SQLite serialises the
// callbacks of a connection.
type surface struct {
	*live.Conn
	fs snapshot.FS // for verify and restore
}
