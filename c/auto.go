package c

// #include "vxsnap.h"
import "C"

import (
	"errors"
	"sync"
	"unsafe"
)

var errNotLinked = errors.New("vxsnap: no SQLite is linked into this program; import github.com/mattn/go-sqlite3")

var registering sync.Mutex

// RegisterWith calls the extension's entry point for one connection of the
// SQLite that is linked into the program.
func RegisterWith(handle unsafe.Pointer) error {
	registering.Lock()
	defer registering.Unlock()
	var text *C.char
	rc := C.vx_register((*C.sqlite3)(handle), &text)
	if rc == C.SQLITE_OK {
		return nil
	}
	if text == nil {
		return errNotLinked
	}
	defer C.vx_free(unsafe.Pointer(text))
	return &Error{Code: int(rc), Text: C.GoString(text)}
}

// AutoExtension registers the extension's entry point with the SQLite that is
// linked into the program.
func AutoExtension() error {
	switch rc := C.vx_auto_extension(); rc {
	case C.SQLITE_OK:
		return nil
	case C.SQLITE_MISUSE:
		return errNotLinked
	default:
		return DB{}.errorOf(rc)
	}
}

// Link finds the functions of the SQLite that is linked into the program, where
// no extension was loaded. It may be called twice, and from several goroutines.
func Link() error {
	registering.Lock()
	defer registering.Unlock()
	switch rc := C.vx_link(); rc {
	case C.SQLITE_OK:
		return install()
	case C.SQLITE_MISUSE:
		return errNotLinked
	default:
		return DB{}.errorOf(rc)
	}
}
