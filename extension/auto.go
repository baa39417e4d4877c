package extension

import "github.com/vxsnap/vxsnap/c"

// Auto makes every SQLite connection that this process opens from now on have
// vxsnap's functions and tables. It is for Go programs that link SQLite in,
// such as those that use github.com/mattn/go-sqlite3, and needs no shared
// library. It may be called twice, and from several goroutines.
func Auto() error { return c.AutoExtension() }
