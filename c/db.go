package c

// #include <stdlib.h>
// #include "vxsnap.h"
import "C"

import (
	"runtime"
	"unsafe"

	"go.riyazali.net/sqlite"
)

// Flags of Open, states of TxnState.
const (
	OpenReadOnly  = C.SQLITE_OPEN_READONLY
	OpenReadWrite = C.SQLITE_OPEN_READWRITE
	OpenCreate    = C.SQLITE_OPEN_CREATE
	OpenPrivate   = C.SQLITE_OPEN_PRIVATECACHE

	TxnNone  = C.SQLITE_TXN_NONE
	TxnRead  = C.SQLITE_TXN_READ
	TxnWrite = C.SQLITE_TXN_WRITE
)

// A DB is a connection: the caller's, borrowed for the duration of a callback,
// or a private one made by Open and owned until Close.
type DB struct{ p *C.sqlite3 }

// Caller is the connection that an extension is registered with.
//
// sqlite.ExtensionApi keeps the sqlite3* in its first field.
func Caller(api *sqlite.ExtensionApi) DB {
	return DB{*(**C.sqlite3)(unsafe.Pointer(api))}
}

// Handle is the sqlite3* of db.
func (db DB) Handle() unsafe.Pointer { return unsafe.Pointer(db.p) }

// OfHandle is the connection behind an sqlite3*.
func OfHandle(p unsafe.Pointer) DB { return DB{(*C.sqlite3)(p)} }

// Open opens a private connection. An empty vfs means the default one.
func Open(path string, flags int, vfs string) (DB, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var v *C.char
	if vfs != "" {
		v = C.CString(vfs)
		defer C.free(unsafe.Pointer(v))
	}
	var db DB
	rc := C.vx_open(name, &db.p, C.int(flags), v)
	if err := db.errorOf(rc); err != nil {
		db.Close()
		return DB{}, err
	}
	return db, nil
}

// Close closes a private connection; its statements must be closed already.
func (db DB) Close() { C.vx_close(db.p) }

// Filename is the absolute path of a schema's database file, "" if it has none.
func (db DB) Filename(schema string) string {
	s := C.CString(schema)
	defer C.free(unsafe.Pointer(s))
	return C.GoString(C.vx_filename(db.p, s))
}

// ReadOnly reports whether a schema can be written to; exists is false where
// there is no such schema.
func (db DB) ReadOnly(schema string) (readOnly, exists bool) {
	s := C.CString(schema)
	defer C.free(unsafe.Pointer(s))
	rc := C.vx_readonly(db.p, s)
	return rc == 1, rc >= 0
}

// MaxLength is how long a BLOB may be on a connection, in bytes.
func (db DB) MaxLength() int64 { return int64(C.vx_max_length(db.p)) }

// TxnState is the transaction state of a schema: TxnNone, TxnRead or TxnWrite.
func (db DB) TxnState(schema string) int {
	s := C.CString(schema)
	defer C.free(unsafe.Pointer(s))
	return int(C.vx_txn_state(db.p, s))
}

// AutoCommit is false inside an explicit transaction.
func (db DB) AutoCommit() bool { return C.vx_autocommit(db.p) != 0 }

// TotalChanges counts the rows changed on this connection since it was opened.
func (db DB) TotalChanges() int { return int(C.vx_total_changes(db.p)) }

// Connected reports whether a virtual table whose module declares two columns or
// more is connected; known is false where that cannot be told, because an
// authorizer refuses the question. The arguments are quoted as SQL.
func (db DB) Connected(schema, table string) (connected, known bool) {
	load := C.CString("SELECT 1 FROM " + schema + ".sqlite_schema")
	defer C.free(unsafe.Pointer(load))
	use := C.CString("INSERT INTO " + schema + "." + table + " DEFAULT VALUES")
	defer C.free(unsafe.Pointer(use))
	state := C.vx_connected(db.p, load, use)
	return state == 1, state != 2
}

// TryLocked calls do with the connection's mutex held, unless another thread uses
// the connection now, or SQLite gave it no mutex.
func (db DB) TryLocked(do func()) bool {
	runtime.LockOSThread() // the mutex belongs to a thread
	defer runtime.UnlockOSThread()
	if C.vx_try_lock(db.p) == 0 {
		return false
	}
	defer C.vx_unlock(db.p)
	do()
	return true
}

// SetBusyTimeout lets a connection wait for locks, in milliseconds, in place of a
// busy handler that it has.
func (db DB) SetBusyTimeout(ms int) { C.vx_busy_timeout(db.p, C.int(ms)) }

// SetNoCheckpointOnClose keeps Close from checkpointing a WAL.
func (db DB) SetNoCheckpointOnClose() error {
	return db.errorOf(C.vx_no_checkpoint_on_close(db.p))
}

// Distrust keeps the schema of a private connection's database from running
// anything, and lets its sqlite_schema be edited.
func (db DB) Distrust() error { return db.errorOf(C.vx_plain(db.p)) }

// backupPages is how many pages are copied between two calls of check.
const backupPages = 500

// Backup copies schema of src over the main database of db with the Online
// Backup API. The caller holds a read transaction on the schema, so that no
// commit can make the copy start again. check is called every few hundred
// pages; its error ends the backup. It returns how many pages the copy has.
func (db DB) Backup(src DB, schema string, check func() error) (pages int64, err error) {
	s := C.CString(schema)
	defer C.free(unsafe.Pointer(s))
	b := C.vx_backup_init(db.p, src.p, s)
	if b == nil {
		return 0, db.errorOf(C.vx_errcode(db.p))
	}
	defer C.vx_backup_finish(b)
	for {
		switch rc := C.vx_backup_step(b, backupPages); rc {
		case C.SQLITE_DONE:
			return int64(C.vx_backup_pages(b)), nil
		case C.SQLITE_OK:
		default:
			return 0, DB{}.errorOf(rc)
		}
		if err := check(); err != nil {
			return 0, err
		}
	}
}

// Version is the version number of the SQLite that runs, such as 3040001.
func Version() int { return int(C.vx_libversion()) }

// SourceID says which check-in of SQLite runs.
func SourceID() string { return C.GoString(C.vx_sourceid()) }
