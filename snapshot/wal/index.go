package wal

import (
	"bytes"
	"encoding/binary"
)

// Sizes in the wal-index, in bytes (https://www.sqlite.org/walformat.html, 2.1).
// It has the byte order of the machine.
const (
	indexCopy    = 48 // each of the two copies of the header
	indexHeaders = 2 * indexCopy
)

// An Index is the header of the wal-index: which frames of the WAL belong to
// the last commit.
type Index struct {
	MxFrame  uint32  // the last frame, counted from 1; 0 is an empty WAL
	Pages    uint32  // size of the database, in pages
	PageSize int64   // bytes
	Salt     [8]byte // of every valid frame
	Backfill uint32  // frames that are in the database file already

	raw [indexCopy]byte
}

// ParseIndex reads a copy of the start of a wal-index, in which nBackfill was
// read before the header: a writer that restarts the WAL changes it last. ok is
// false if somebody was writing the header.
func ParseIndex(b []byte) (h Index, ok bool) {
	if len(b) < indexHeaders+4 {
		return h, false
	}
	copy(h.raw[:], b)
	if !bytes.Equal(h.raw[:], b[indexCopy:indexHeaders]) || h.raw[12] == 0 {
		return h, false
	}
	native := binary.NativeEndian
	size := int64(native.Uint16(h.raw[14:]))
	h.PageSize = size&0xfe00 | size&1<<16 // 65536 is stored as 1
	h.MxFrame = native.Uint32(h.raw[16:])
	h.Pages = native.Uint32(h.raw[20:])
	copy(h.Salt[:], h.raw[32:])
	h.Backfill = native.Uint32(b[indexHeaders:])
	return h, true
}

// SameCommit reports whether no commit came between two readings.
func (h *Index) SameCommit(other *Index) bool { return h.raw == other.raw }
