package c

// #include <stdlib.h>
// #include "vxsnap.h"
import "C"

import "unsafe"

// BindInt64 sets parameter i, counted from 1.
func (s *Stmt) BindInt64(i int, v int64) error {
	return s.db.errorOf(C.vx_bind_int64(s.p, C.int(i), C.sqlite3_int64(v)))
}

// BindBlob sets parameter i, counted from 1, to a copy of b, which is a BLOB also where
// it is empty.
func (s *Stmt) BindBlob(i int, b []byte) error {
	return s.db.errorOf(C.vx_bind_blob(s.p, C.int(i), unsafe.Pointer(unsafe.SliceData(b)), C.sqlite3_uint64(len(b))))
}

// Reset makes the statement ready to be stepped anew, with all its parameters NULL.
func (s *Stmt) Reset() { C.vx_reset(s.p) }

// IsNull reports whether column i of the current row is NULL, counted from 0.
func (s *Stmt) IsNull(i int) bool { return C.vx_column_null(s.p, C.int(i)) != 0 }

// Blob is column i of the current row, counted from 0. It is SQLite's, and valid until the
// next Step, Reset or Close. Where SQLite has no memory for it, the next Step says so.
func (s *Stmt) Blob(i int) []byte {
	var n C.int
	p := C.vx_column_blob(s.p, C.int(i), &n)
	if n < 0 {
		s.err = DB{}.errorOf(C.SQLITE_NOMEM)
		return nil
	}
	return unsafe.Slice((*byte)(p), int(n))
}

// Script runs statements one after another, to the first error, and drops their rows.
func (db DB) Script(sql string) error {
	z := C.CString(sql)
	defer C.free(unsafe.Pointer(z))
	return db.errorOf(C.vx_script(db.p, z))
}

// Interrupt ends what runs on a connection, with the error Interrupt. It may be called on
// any thread while the connection is open.
func (db DB) Interrupt() { C.vx_interrupt(db.p) }
