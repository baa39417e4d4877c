package c

// #include "vxsnap.h"
import "C"

import (
	"errors"
	"unsafe"

	"go.riyazali.net/sqlite"
)

// An Error is a result code of SQLite with the text that explains it.
type Error struct {
	Code int    // extended result code
	Text string // from sqlite3_errmsg, or sqlite3_errstr where there is no connection
}

// Error implements error with the text alone.
func (e *Error) Error() string { return e.Text }

// Is reports whether target is an Error of the same primary code, so that
// errors.Is(err, c.Busy) holds for every kind of SQLITE_BUSY.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Text == "" && e.Code&0xff == t.Code
}

// The codes that callers of this package test for with errors.Is.
var (
	Busy      = &Error{Code: C.SQLITE_BUSY}
	Locked    = &Error{Code: C.SQLITE_LOCKED}
	Interrupt = &Error{Code: C.SQLITE_INTERRUPT}
	NotADB    = &Error{Code: C.SQLITE_NOTADB}
	Corrupt   = &Error{Code: C.SQLITE_CORRUPT}
	NoMemory  = &Error{Code: C.SQLITE_NOMEM}
	Auth      = &Error{Code: C.SQLITE_AUTH}
	ReadOnly  = &Error{Code: C.SQLITE_READONLY}
)

// errorOf makes an Error of a code, with the connection's text if it has one.
func (db DB) errorOf(rc C.int) error {
	if rc == C.SQLITE_OK {
		return nil
	}
	if db.p != nil && C.vx_errcode(db.p)&0xff == rc&0xff {
		return &Error{Code: int(C.vx_errcode(db.p)), Text: C.GoString(C.vx_errmsg(db.p))}
	}
	return &Error{Code: int(rc), Text: C.GoString(C.vx_errstr(rc))}
}

// Explain makes an Error of a code of go.riyazali.net/sqlite, with the connection's
// text if db is one that has it. Other errors stay as they are.
func (db DB) Explain(err error) error {
	if code := sqlite.SQLITE_OK; errors.As(err, &code) {
		return db.errorOf(C.int(code))
	}
	return err
}

// Say is the last thing that a callback of SQLite does: it gives SQLite the text
// of an error, and returns the code that the callback returns as its error.
func Say(code int, text string) sqlite.ErrorCode {
	if C.vx_say((*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.int(len(text))) != C.SQLITE_OK {
		return sqlite.SQLITE_NOMEM
	}
	return sqlite.ErrorCode(code)
}
