package c

// #include <stdlib.h>
// #include "vxsnap.h"
import "C"

import (
	"cmp"
	"unsafe"
)

// A Stmt is a prepared statement, owned until Close.
type Stmt struct {
	db  DB
	p   *C.sqlite3_stmt
	err error // of Text
}

// Prepare compiles the first statement of sql.
func (db DB) Prepare(sql string) (*Stmt, error) {
	z := C.CString(sql)
	defer C.free(unsafe.Pointer(z))
	s := &Stmt{db: db}
	if err := db.errorOf(C.vx_prepare(db.p, z, C.int(len(sql)), &s.p)); err != nil {
		return nil, err
	}
	return s, nil
}

// BindText sets parameter i, counted from 1.
func (s *Stmt) BindText(i int, text string) error {
	return s.db.errorOf(C.vx_bind_text(s.p, C.int(i), (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.int(len(text))))
}

// Step reports whether there is a row.
func (s *Stmt) Step() (bool, error) {
	if s.err != nil {
		return false, s.err
	}
	switch rc := C.vx_step(s.p); rc {
	case C.SQLITE_ROW:
		return true, nil
	case C.SQLITE_DONE:
		return false, nil
	default:
		return false, s.db.errorOf(rc)
	}
}

// Columns is how many columns a row has, 0 for a statement that gives none.
func (s *Stmt) Columns() int { return int(C.vx_column_count(s.p)) }

// Int64 is column i of the current row, counted from 0.
func (s *Stmt) Int64(i int) int64 { return int64(C.vx_column_int64(s.p, C.int(i))) }

// Text is column i of the current row, counted from 0. Where SQLite has no memory
// for it, the next Step says so.
func (s *Stmt) Text(i int) string {
	var n C.int
	z := C.vx_column_text(s.p, C.int(i), &n)
	if n < 0 {
		s.err = DB{}.errorOf(C.SQLITE_NOMEM)
		return ""
	}
	return C.GoStringN(z, n)
}

// Close frees the statement. It may be called twice.
func (s *Stmt) Close() {
	C.vx_finalize(s.p)
	s.p = nil
}

// Exec runs one statement and drops its rows.
func (db DB) Exec(sql string) error {
	_, err := db.Int64(sql)
	return err
}

// Each runs one statement and calls row for each of its rows, until row returns
// an error.
func (db DB) Each(sql string, row func(*Stmt) error) error {
	s, err := db.Prepare(sql)
	if err != nil {
		return err
	}
	defer s.Close()
	for {
		more, err := s.Step()
		if err != nil || !more {
			return err
		}
		if err := row(s); s.err != nil || err != nil {
			return cmp.Or(s.err, err)
		}
	}
}

// Int64 runs one statement to its end and gives the first column of its first
// row, 0 if it has none.
func (db DB) Int64(sql string) (int64, error) {
	s, err := db.Prepare(sql)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	row, err := s.Step()
	if err != nil || !row {
		return 0, err
	}
	v := s.Int64(0)
	for row && err == nil {
		row, err = s.Step()
	}
	return v, err
}

// Text runs one statement and gives the first column of its first row.
func (db DB) Text(sql string) (string, error) {
	s, err := db.Prepare(sql)
	if err != nil {
		return "", err
	}
	defer s.Close()
	if row, err := s.Step(); err != nil || !row {
		return "", err
	}
	return s.Text(0), s.err
}

// Statements lists the SQL of the prepared statements that are alive on db.
func (db DB) Statements() []string {
	var all []string
	for p := C.vx_next_stmt(db.p, nil); p != nil; p = C.vx_next_stmt(db.p, p) {
		if z := C.vx_sql(p); z != nil {
			all = append(all, C.GoString(z))
		}
	}
	return all
}
