package c

// #cgo LDFLAGS: -Wl,-wrap=_sqlite3_create_function_v2 -Wl,-wrap=_sqlite3_create_module_v2
// #cgo LDFLAGS: -Wl,-wrap=_sqlite3_malloc -Wl,-wrap=go_sqlite3_extension_init
// #include "vxsnap.h"
import "C"

import (
	"fmt"
	"sync"
)

// registration serialises what a load changes for all connections.
var registration sync.Mutex

// Register runs a registration with a connection, in a callback of SQLite. What
// it registers is SQLITE_DIRECTONLY and refuses to work in a forked child.
func (db DB) Register(register func() error) error {
	registration.Lock()
	defer registration.Unlock()
	if err := guard(); err != nil {
		return err
	}
	if rc := C.vx_reserve(); rc != C.SQLITE_OK {
		return DB{}.errorOf(rc)
	}
	defer C.vx_unreserve()
	return db.Explain(register())
}

// install looks at the table of SQLite's functions, which a load has changed.
func install() error {
	registration.Lock()
	defer registration.Unlock()
	return guard()
}

func guard() error {
	switch C.vx_guard_install() {
	case C.SQLITE_ERROR:
		n := Version()
		return &Error{Code: C.SQLITE_ERROR, Text: fmt.Sprintf("needs SQLite 3.35 or newer, this is %d.%d.%d", n/1000000, n/1000%1000, n%1000)}
	case C.SQLITE_MISUSE:
		return &Error{Code: C.SQLITE_MISUSE, Text: "already loaded into another copy of SQLite in this process; load it into that one, or into another process"}
	}
	return nil
}
