package snapshot

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
)

// Sizes and places of the WAL and of the wal-index header, in bytes
// (https://www.sqlite.org/walformat.html, 1 and 2.1). The WAL is big-endian,
// the wal-index has the byte order of the machine.
const (
	walHeaderSize   = 32
	walFrameHeader  = 24
	walIndexCopy    = 48 // each of the two copies of the header
	walIndexHeaders = 2 * walIndexCopy

	// lockByte is where SQLite keeps its locks in the database file. The page
	// that holds it is never written.
	lockByte = 1 << 30
)

// A WALIndex is the header of the wal-index: which frames of the WAL belong to
// the last commit.
type WALIndex struct {
	MxFrame  uint32  // the last frame, counted from 1; 0 is an empty WAL
	Pages    uint32  // size of the database, in pages
	PageSize int64   // bytes
	Salt     [8]byte // of every valid frame
	Backfill uint32  // frames that are in the database file already

	raw [walIndexCopy]byte
}

// ParseWALIndex reads a copy of the start of a wal-index, in which nBackfill was
// read before the header: a writer that restarts the WAL changes it last. ok is
// false if somebody was writing the header.
func ParseWALIndex(b []byte) (h WALIndex, ok bool) {
	if len(b) < walIndexHeaders+4 {
		return h, false
	}
	copy(h.raw[:], b)
	if !bytes.Equal(h.raw[:], b[walIndexCopy:walIndexHeaders]) || h.raw[12] == 0 {
		return h, false
	}
	native := binary.NativeEndian
	size := int64(native.Uint16(h.raw[14:]))
	h.PageSize = size&0xfe00 | size&1<<16 // 65536 is stored as 1
	h.MxFrame = native.Uint32(h.raw[16:])
	h.Pages = native.Uint32(h.raw[20:])
	copy(h.Salt[:], h.raw[32:])
	h.Backfill = native.Uint32(b[walIndexHeaders:])
	return h, true
}

// SameCommit reports whether no commit came between two readings.
func (h *WALIndex) SameCommit(other *WALIndex) bool { return h.raw == other.raw }

// A WALView is a database as of one commit in its WAL: each page is the last
// frame that holds it, or else the page in the database file. The caller holds
// a read transaction at that commit, so that neither changes. Memory is
// proportional to the WAL. It implements io.ReaderAt and may be used by
// several goroutines if the files may.
type WALView struct {
	database, wal io.ReaderAt
	pageSize      int64
	frames        []walFrame // by page, each page once
}

type walFrame struct{ page, frame uint32 } // both counted from 1

// NewWALView reads the headers of frames 1 to h.MxFrame. interrupted is asked
// as in Options.
func NewWALView(database, wal io.ReaderAt, h *WALIndex, interrupted func() error) (*WALView, error) {
	v := &WALView{database: database, wal: wal, pageSize: h.PageSize}
	var header [walFrameHeader]byte
	for frame := uint32(1); frame <= h.MxFrame && frame != 0; frame++ {
		if frame%1024 == 0 {
			if err := interrupted(); err != nil {
				return nil, err
			}
		}
		if n, err := wal.ReadAt(header[:], v.frameOffset(frame)); n < len(header) {
			return nil, fmt.Errorf("read frame %d of the WAL: %w", frame, err)
		}
		page := binary.BigEndian.Uint32(header[:])
		if [8]byte(header[8:16]) != h.Salt || page == 0 {
			return nil, Damaged("frame %d of the WAL is not one of the %d frames that the wal-index counts", frame, h.MxFrame)
		}
		if page <= h.Pages {
			v.frames = append(v.frames, walFrame{page, frame})
		}
	}
	slices.SortFunc(v.frames, func(a, b walFrame) int {
		if a.page != b.page {
			return int(int64(a.page) - int64(b.page))
		}
		return int(int64(b.frame) - int64(a.frame)) // the last frame first
	})
	v.frames = slices.CompactFunc(v.frames, func(a, b walFrame) bool { return a.page == b.page })
	return v, nil
}

// Frames is how many pages come from the WAL.
func (v *WALView) Frames() int { return len(v.frames) }

// frameOffset is where a frame begins in the WAL.
func (v *WALView) frameOffset(frame uint32) int64 {
	return walHeaderSize + int64(frame-1)*(walFrameHeader+v.pageSize)
}

// ReadAt implements io.ReaderAt. A page that should be in the database file and
// is not there is io.ErrUnexpectedEOF.
func (v *WALView) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		part, from := v.part(p[n:], off+int64(n))
		if err := from(part); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}

// part is the longest start of p that comes from one place, and how to read it.
func (v *WALView) part(p []byte, off int64) ([]byte, func([]byte) error) {
	page := uint32(off/v.pageSize) + 1
	i := sort.Search(len(v.frames), func(i int) bool { return v.frames[i].page >= page })
	rest := v.pageSize - off%v.pageSize
	if i < len(v.frames) && v.frames[i].page == page {
		at := v.frameOffset(v.frames[i].frame) + walFrameHeader + off%v.pageSize
		return p[:min(rest, int64(len(p)))], func(p []byte) error { return readFull(v.wal, p, at) }
	}
	if locked := uint32(lockByte/v.pageSize) + 1; page == locked {
		return p[:min(rest, int64(len(p)))], func(p []byte) error {
			err := readFull(v.database, p, off)
			if errors.Is(err, io.ErrUnexpectedEOF) {
				clear(p)
				err = nil
			}
			return err
		}
	} else if page < locked {
		p = p[:min(lockByte/v.pageSize*v.pageSize-off, int64(len(p)))]
	}
	if i < len(v.frames) {
		p = p[:min(int64(v.frames[i].page-1)*v.pageSize-off, int64(len(p)))]
	}
	return p, func(p []byte) error { return readFull(v.database, p, off) }
}

// readFull reads all of p, or says io.ErrUnexpectedEOF.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}
