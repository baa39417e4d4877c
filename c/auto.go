package c

// #include "vxsnap.h"
import "C"

import (
	"errors"
	"sync"
	"unsafe"
)

var errNotLinked = errors.New("vxsnap: no SQLite is linked into this program; import github.com/mattn/go-sqlite3")

var errOmitted = errors.New("vxsnap: the SQLite of this program was built with SQLITE_OMIT_LOAD_EXTENSION, and gives no extension its functions, linked in or not; build without the tag sqlite_omit_load_extension")

var registering sync.Mutex

// notLinked is why the functions of the SQLite of the program are not there.
func notLinked(rc C.int) error {
	switch rc {
	case C.SQLITE_MISUSE:
		return errNotLinked
	case C.SQLITE_NOTFOUND:
		return errOmitted
	}
	return DB{}.errorOf(rc)
}

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
		return notLinked(rc)
	}
	defer C.vx_free(unsafe.Pointer(text))
	return &Error{Code: int(rc), Text: C.GoString(text)}
}

// AutoExtension registers the extension's entry point with the SQLite that is
// linked into the program.
func AutoExtension() error {
	registering.Lock()
	defer registering.Unlock()
	if rc := C.vx_auto_extension(); rc != C.SQLITE_OK {
		return notLinked(rc)
	}
	return nil
}

// Link finds the functions of the SQLite that is linked into the program, where
// no extension was loaded. It may be called twice, and from several goroutines.
func Link() error {
	registering.Lock()
	defer registering.Unlock()
	if rc := C.vx_link(); rc != C.SQLITE_OK {
		return notLinked(rc)
	}
	return install()
}
