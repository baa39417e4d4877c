package c

// #include "vxsnap.h"
import "C"

import (
	"unsafe"

	"go.riyazali.net/sqlite"
)

// context is the sqlite3_context* that sqlite.Context keeps in its first field.
func context(ctx *sqlite.Context) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(ctx))
}

// ResultError makes the callback fail with a code and a text.
func ResultError(ctx *sqlite.Context, code int, text string) {
	C.vx_result_error(context(ctx), C.int(code), (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.int(len(text)))
}

// ResultText returns text, which SQLite copies. "" is the empty string, not NULL.
func ResultText(ctx *sqlite.Context, text string) {
	C.vx_result_text(context(ctx), (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.sqlite3_uint64(len(text)))
}

// ResultBlob returns a BLOB, which SQLite copies.
func ResultBlob(ctx *sqlite.Context, b []byte) {
	C.vx_result_blob(context(ctx), unsafe.Pointer(unsafe.SliceData(b)), C.sqlite3_uint64(len(b)))
}

// ResultChunk returns a BLOB that lies in a Block, without a copy. The chunk
// must start in the first megabyte of the block.
func ResultChunk(ctx *sqlite.Context, chunk []byte) {
	if len(chunk) == 0 { // which lies nowhere
		ResultBlob(ctx, []byte{})
		return
	}
	C.vx_result_chunk(context(ctx), unsafe.Pointer(unsafe.SliceData(chunk)), C.sqlite3_uint64(len(chunk)))
}
