package c

// #include <stdlib.h>
// #include "vxsnap.h"
import "C"

import (
	"fmt"
	"io"
	"unsafe"
)

// A File is a file that a connection has open, read with the methods of the
// connection's VFS. It belongs to the connection and is valid until that is
// closed.
//
// The database file must never be opened a second time with a descriptor of
// our own: closing that one would drop every POSIX lock that this process
// holds on the file (https://www.sqlite.org/howtocorrupt.html, section 2.2).
type File struct{ p *C.sqlite3_file }

// DatabaseFile is the database file of a schema.
func (db DB) DatabaseFile(schema string) (File, bool) {
	return db.file(schema, C.SQLITE_FCNTL_FILE_POINTER)
}

// JournalFile is the rollback journal or the WAL of a schema.
func (db DB) JournalFile(schema string) (File, bool) {
	return db.file(schema, C.SQLITE_FCNTL_JOURNAL_POINTER)
}

// Pager is what connections share that share a cache, and no others; nil where a
// schema has not been opened.
func (db DB) Pager(schema string) unsafe.Pointer {
	s := C.CString(schema)
	defer C.free(unsafe.Pointer(s))
	return unsafe.Pointer(C.vx_file_pointer(db.p, s))
}

func (db DB) file(schema string, op C.int) (File, bool) {
	s := C.CString(schema)
	defer C.free(unsafe.Pointer(s))
	f := File{C.vx_file(db.p, s, op)}
	return f, f.p != nil
}

// VFS is the name of the VFS that a schema's files were opened with.
func (db DB) VFS(schema string) string {
	s := C.CString(schema)
	defer C.free(unsafe.Pointer(s))
	var vfs *C.sqlite3_vfs
	if C.vx_file_vfs(db.p, s, &vfs) != C.SQLITE_OK || vfs == nil {
		return ""
	}
	return C.GoString(C.vx_vfs_name(vfs))
}

// HasMoved reports whether the name of a schema's file no longer leads to the
// file that is open.
func (db DB) HasMoved(schema string) bool {
	s := C.CString(schema)
	defer C.free(unsafe.Pointer(s))
	var moved C.int
	rc := C.vx_has_moved(db.p, s, &moved)
	return rc != C.SQLITE_OK || moved != 0
}

// SharesMemory reports whether the file's VFS can share memory, as a WAL needs
// it. A VFS that cannot may not lock either.
func (f File) SharesMemory() bool { return C.vx_file_shares_memory(f.p) != 0 }

// maxRead is the most that one xRead is asked for; its length is an int.
const maxRead = 1 << 30

// ReadAt implements io.ReaderAt with xRead. SQLite zero-fills a read past the
// end of the file and says so: that is io.ErrUnexpectedEOF here, with n = 0
// because how much was there is not known.
func (f File) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		part := p[n:min(len(p), n+maxRead)]
		switch rc := C.vx_file_read(f.p, unsafe.Pointer(&part[0]), C.int(len(part)), C.sqlite3_int64(off)); rc {
		case C.SQLITE_OK:
		case C.SQLITE_IOERR_SHORT_READ:
			return 0, fmt.Errorf("%d bytes at offset %d: %w", len(part), off, io.ErrUnexpectedEOF)
		default:
			return 0, DB{}.errorOf(rc)
		}
		n += len(part)
		off += int64(len(part))
	}
	return n, nil
}

// Size is the size of the file in bytes.
func (f File) Size() (int64, error) {
	var n C.sqlite3_int64
	if rc := C.vx_file_size(f.p, &n); rc != C.SQLITE_OK {
		return 0, DB{}.errorOf(rc)
	}
	return int64(n), nil
}

// WALIndex copies the start of the wal-index of a database file in WAL mode that
// shares memory: two copies of the 48-byte header, and nBackfill
// (https://www.sqlite.org/walformat.html, 2.1). Other processes write to it at
// any time. Where the two copies are the same, nBackfill is of that header or of
// one before it; never of a later checkpoint, nor of a WAL that was restarted.
func (f File) WALIndex() ([]byte, error) {
	start := make([]byte, C.VX_WAL_INDEX)
	if rc := C.vx_file_wal_index(f.p, (*C.uchar)(unsafe.Pointer(&start[0]))); rc != C.SQLITE_OK {
		return nil, DB{}.errorOf(rc)
	}
	return start, nil
}

// WALRegion copies what stands at an offset of a region of the wal-index, of which
// each has 32 KiB. A region that is not there is an error, as is one that ends before
// p is full.
func (f File) WALRegion(p []byte, region, offset int) error {
	if len(p) == 0 || offset < 0 || offset+len(p) > C.VX_WAL_REGION {
		return &Error{Code: C.SQLITE_MISUSE, Text: fmt.Sprintf("a region of the wal-index has no %d bytes at %d", len(p), offset)}
	}
	return DB{}.errorOf(C.vx_file_wal_region(f.p, C.int(region), C.int(offset), unsafe.Pointer(&p[0]), C.int(len(p))))
}
