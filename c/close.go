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

//export vxConnClosed
func vxConnClosed(handle C.uintptr_t) {
	h := cgo.Handle(handle)
	end := h.Value().(func())
	h.Delete()
	end()
}
