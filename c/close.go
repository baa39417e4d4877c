package c

// #include "vxsnap.h"
import "C"

import "runtime/cgo"

// OnClose calls end when the connection ends. It is called once for a
// connection.
func (db DB) OnClose(end func()) error {
	if err := install(); err != nil {
		return err
	}
	h := cgo.NewHandle(end)
	// Where it fails, SQLite calls the destructor, which frees the handle.
	return db.errorOf(C.vx_on_close(db.p, C.uintptr_t(h)))
}

// Closing reports whether db was closed while a statement of it was alive: SQLite
// keeps its memory until that is finalized, and refuses every use.
func (db DB) Closing() bool {
	var none C.char
	var s *C.sqlite3_stmt
	return C.vx_prepare(db.p, &none, 0, &s) == C.SQLITE_MISUSE
}

//export vxConnClosed
func vxConnClosed(handle C.uintptr_t) {
	h := cgo.Handle(handle)
	end := h.Value().(func())
	h.Delete()
	defer func() { _ = recover() }() // nobody is left to be told, and a panic must not get into C
	end()
}
