package c

// #include "vxsnap.h"
import "C"

import (
	"unsafe"

	"go.riyazali.net/sqlite"
)

// Values are the arguments of a callback, which Read takes over with one call of C. A
// Values is used again for the next callback.
type Values [8]C.struct_vx_value

// Read reads the arguments, as many as there is room for at most.
func (v *Values) Read(args []sqlite.Value) {
	n := min(len(args), len(v))
	if n > 0 {
		C.vx_values(C.int(n), unsafe.Pointer(unsafe.SliceData(args)), &v[0])
	}
}

// Type is that of an argument.
func (v *Values) Type(i int) sqlite.ColumnType { return sqlite.ColumnType(v[i]._type) }

// Int64 is an argument of SQLITE_INTEGER.
func (v *Values) Int64(i int) int64 { return int64(v[i].i) }

// Bytes are those of an argument of SQLITE_TEXT or SQLITE_BLOB, owned by SQLite and
// valid during the callback only.
func (v *Values) Bytes(i int) ([]byte, error) {
	a := &v[i]
	if a.n < 0 {
		return nil, DB{}.errorOf(C.SQLITE_NOMEM)
	}
	return unsafe.Slice((*byte)(a.p), int(a.n)), nil
}

// Blob is Bytes of a single argument.
func Blob(v sqlite.Value) ([]byte, error) {
	var one Values
	one.Read([]sqlite.Value{v})
	return one.Bytes(0)
}

// Text is a copy of an argument of SQLITE_TEXT. (sqlite.Value).Text does not see that
// SQLite had no memory for it.
func Text(v sqlite.Value) (string, error) {
	b, err := Blob(v)
	return string(b), err
}
