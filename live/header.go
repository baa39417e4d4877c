package live

import (
	"bytes"
	"encoding/binary"

	"github.com/vxsnap/vxsnap/c"
)

// A header is the first bytes of a database file, or as many as it has
// (https://www.sqlite.org/fileformat.html, 1.3). What is read here needs nothing
// of the schema, which may be damaged.
type header [headerSize]byte

// Places in the header, in bytes.
const (
	headerSize         = 100
	headerPageSize     = 16
	headerWriteVersion = 18
	headerReadVersion  = 19
	headerChanges      = 24
	headerPages        = 28
	headerSchemaCookie = 40
	headerPagesValid   = 92
)

// readHeader reads the header of a file of size bytes. What lies behind its end is 0.
func readHeader(f c.File, size int64) (h header, err error) {
	if n := min(size, headerSize); n > 0 {
		_, err = f.ReadAt(h[:n], 0)
	}
	return h, err
}

func headerOf(f c.File) (h header, size int64, err error) {
	if size, err = f.Size(); err == nil {
		h, err = readHeader(f, size)
	}
	return h, size, err
}

// isDatabase reports whether SQLite would take the file for a database.
func (h *header) isDatabase() bool { return bytes.HasPrefix(h[:], []byte("SQLite format 3\x00")) }

// wal reports whether the database is in WAL mode.
func (h *header) wal() bool {
	return h.isDatabase() && (h[headerWriteVersion] == 2 || h[headerReadVersion] == 2)
}

// pageSize is that of the database, in bytes; 0 if it is not allowed.
func (h *header) pageSize() int64 {
	n := int64(binary.BigEndian.Uint16(h[headerPageSize:]))
	if n == 1 {
		n = 65536
	}
	if n < 512 || n&(n-1) != 0 {
		return 0
	}
	return n
}

// pages is how many pages SQLite takes the database to have, of which inFile are
// there: what the header says, if whoever wrote last kept it up to date.
func (h *header) pages(inFile int64) int64 {
	pages := int64(binary.BigEndian.Uint32(h[headerPages:]))
	if pages == 0 || !bytes.Equal(h[headerChanges:headerChanges+4], h[headerPagesValid:headerPagesValid+4]) {
		return inFile
	}
	return pages
}

// inWAL reports whether the caller reads a database through a WAL. An encrypted
// one does not tell.
func (cn *Conn) inWAL(schema string) bool {
	if log, ok := cn.db.JournalFile(schema); ok {
		var magic [4]byte
		if _, err := log.ReadAt(magic[:], 0); err == nil && binary.BigEndian.Uint32(magic[:])&^1 == 0x377f0682 {
			return true
		}
	}
	file, ok := cn.db.DatabaseFile(schema)
	if !ok {
		return false
	}
	h, _, err := headerOf(file)
	return err == nil && h.wal()
}
