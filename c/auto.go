package c

// #include "vxsnap.h"
import "C"

import "errors"

// AutoExtension registers the extension's entry point with the SQLite that is
// linked into the program.
func AutoExtension() error {
	switch rc := C.vx_auto_extension(); rc {
	case C.SQLITE_OK:
		return nil
	case C.SQLITE_MISUSE:
		return errors.New("vxsnap: no SQLite is linked into this program; import github.com/mattn/go-sqlite3")
	default:
		return DB{}.errorOf(rc)
	}
}
