package extension

import (
	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
)

// Auto makes every SQLite connection that this process opens from now on have
// vxsnap's functions and tables. It is for Go programs that link SQLite in,
// such as those that use github.com/mattn/go-sqlite3, and needs no shared
// library. It may be called twice, and from several goroutines.
func Auto() error { return c.AutoExtension() }

// Register makes one connection have vxsnap's functions and tables: a
// *sqlite3.SQLiteConn of github.com/mattn/go-sqlite3, as its ConnectHook or
// (*sql.Conn).Raw gives it.
func Register(conn any) error {
	handle, err := live.Handle(conn)
	if err != nil {
		return err
	}
	return c.RegisterWith(handle)
}
