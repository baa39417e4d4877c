package wal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// Sizes and places of the WAL, in bytes (https://www.sqlite.org/walformat.html,
// 1). It is big-endian.
const (
	headerSize  = 32
	frameHeader = 24

	// lockByte is where SQLite keeps its locks in the database file. The page
	// that holds it is never written.
	lockByte = 1 << 30
)

// A View is a database as of one commit in its WAL: each page is the last
// frame that holds it, or else the page in the database file. The caller holds
// a read transaction at that commit, so that neither changes. Memory is
// proportional to the WAL. It implements io.ReaderAt and may be used by
// several goroutines if the files may.
type View struct {
	database, wal io.ReaderAt
	pageSize      int64
	frames        []pageFrame // by page, each page once
}

// NewView lists the pages of frames 1 to h.MxFrame. The wal-index has them, and the
// caller's read transaction keeps them there: nobody begins the WAL anew before it
// ends, which alone would put other frames in their place. The first of them, which
// would go first, and the last are looked at all the same: a WAL that was cut short or
// replaced behind SQLite's back is an error here. interrupted is asked as in Options.
func NewView(database, wal io.ReaderAt, h *Index, regions Regions, interrupted func() error) (*View, error) {
	v := &View{database: database, wal: wal, pageSize: h.PageSize}
	check := func(f pageFrame) error {
		var header [frameHeader]byte
		if n, err := wal.ReadAt(header[:], v.frameOffset(f.frame)); n < len(header) {
			return fmt.Errorf("read frame %d of the WAL: %w", f.frame, err)
		}
		if [8]byte(header[8:16]) != h.Salt || binary.BigEndian.Uint32(header[:]) != f.page {
			return fault.Damaged("frame %d of the WAL is not one of the %d frames that the wal-index counts", f.frame, h.MxFrame)
		}
		return nil
	}
	frames, err := pageFrames(regions, h, check, interrupted)
	if err != nil {
		return nil, err
	}
	v.frames = sortFrames(frames)
	return v, nil
}

// Frames is how many pages come from the WAL.
func (v *View) Frames() int { return len(v.frames) }

// frameOffset is where a frame begins in the WAL.
func (v *View) frameOffset(frame uint32) int64 {
	return headerSize + int64(frame-1)*(frameHeader+v.pageSize)
}

// ReadAt implements io.ReaderAt. A page that should be in the database file and
// is not there is io.ErrUnexpectedEOF.
func (v *View) ReadAt(p []byte, off int64) (n int, err error) {
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
func (v *View) part(p []byte, off int64) ([]byte, func([]byte) error) {
	page := uint32(off/v.pageSize) + 1
	i := sort.Search(len(v.frames), func(i int) bool { return v.frames[i].page >= page })
	rest := v.pageSize - off%v.pageSize
	if i < len(v.frames) && v.frames[i].page == page {
		at := v.frameOffset(v.frames[i].frame) + frameHeader + off%v.pageSize
		return p[:min(rest, int64(len(p)))], func(p []byte) error { return fault.ReadFull(v.wal, p, at) }
	}
	if locked := uint32(lockByte/v.pageSize) + 1; page == locked {
		return p[:min(rest, int64(len(p)))], func(p []byte) error {
			err := fault.ReadFull(v.database, p, off)
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
	return p, func(p []byte) error { return fault.ReadFull(v.database, p, off) }
}
