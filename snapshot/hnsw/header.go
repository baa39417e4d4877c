package hnsw

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// The layout of an index file, in bytes: what hnswlib's saveIndex writes on a
// 64-bit little-endian machine (https://github.com/nmslib/hnswlib, hnswalg.h).
// It is a header, then the elements of level 0, each of them a list of links,
// the vector and a label, then for each element the size and the bytes of its
// link lists of the levels above.
const (
	headerSize    = 96
	linkSize      = 4 // a link is the number of an element
	linkCountSize = 4 // u16 how many; one byte of flags; one unused
	labelSize     = 8

	noEntryPoint = math.MaxUint32 // of an empty index

	// leastM is the smallest M with which hnswlib can insert: 1 would make every
	// level infinite, and it has no room for links then.
	leastM = 2

	// maxLevel bounds the level of an element, so that a byte can hold it.
	// hnswlib draws levels from a distribution in which 50 is already absurd.
	maxLevel = 255
)

// Info is what the header of an index file says.
type Info struct {
	Elements    int64 // in the index
	MaxElements int64 // for which the index has room
	VectorSize  int64 // of each element, in bytes
}

// header is the header as it lies in the file.
type header struct {
	OffsetLevel0, MaxElements, Count uint64
	SizePerElement                   uint64
	LabelOffset, DataOffset          uint64
	MaxLevel                         int32
	EntryPoint                       uint32
	MaxM, MaxM0, M                   uint64
	Mult                             float64
	EfConstruction                   uint64
}

// Check checks that r, of size bytes, has the structure of an hnswlib
// index: every size in the header follows from the others, every link leads to
// an element that exists on its level, and the file ends where it must.
// hnswlib itself loads a file that breaks these rules and then reads out of
// bounds. What is wrong wraps ErrIndexFile; an error of r is returned as it is.
// It reads r in order, once, and the links above level 0 a second time. Memory
// is a byte for each element that the file has room for.
func Check(r io.ReaderAt, size int64) (Info, error) {
	h, err := readHeader(r, size)
	if err != nil {
		return Info{}, err
	}
	if err := h.checkLinks(r, size); err != nil {
		return Info{}, err
	}
	return h.info(), nil
}

// ReadInfo checks and reads the header alone. Errors are those of [Check].
func ReadInfo(r io.ReaderAt, size int64) (Info, error) {
	h, err := readHeader(r, size)
	if err != nil {
		return Info{}, err
	}
	return h.info(), nil
}

func (h *header) info() Info {
	return Info{int64(h.Count), int64(h.MaxElements), int64(h.LabelOffset - h.DataOffset)}
}

// CheckLength checks the header, and that the file ends where it must: a
// file whose writer ran out of disk space does not. It reads the links above
// level 0 only, a small part of the file. Errors are those of [Check].
func CheckLength(r io.ReaderAt, size int64) error {
	h, err := readHeader(r, size)
	if err != nil {
		return err
	}
	return h.readLevels(r, size, make([]uint8, h.Count))
}

func readHeader(r io.ReaderAt, size int64) (*header, error) {
	if size < headerSize {
		return nil, notIndex("it has %d bytes, its header alone has %d", size, headerSize)
	}
	var raw [headerSize]byte
	if err := fault.ReadFull(r, raw[:], 0); err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	h := new(header)
	if _, err := binary.Decode(raw[:], binary.LittleEndian, h); err != nil {
		return nil, err
	}
	return h, h.check(size)
}

// check holds the fields of the header against each other and the file's size.
// After it, no product of them overflows.
func (h *header) check(size int64) error {
	const most = math.MaxInt32 // elements are numbered with 32 bits; M is far smaller
	switch {
	case h.OffsetLevel0 != 0:
		return notIndex("offsetLevel0 is %d, must be 0", h.OffsetLevel0)
	case h.M < leastM || h.M > most/4: // 1/ln(M) comes below
		return notIndex("M is %d, must be from %d to %d", h.M, leastM, most/4)
	case h.MaxM != h.M:
		return notIndex("maxM is %d, must be M, which is %d", h.MaxM, h.M)
	case h.MaxM0 != 2*h.M:
		return notIndex("maxM0 is %d, must be 2 x M, which is %d", h.MaxM0, 2*h.M)
	case h.DataOffset != linkCountSize+linkSize*h.MaxM0:
		return notIndex("data_offset is %d, must be 4 x maxM0 + 4, which is %d", h.DataOffset, linkCountSize+linkSize*h.MaxM0)
	case h.LabelOffset < h.DataOffset || h.LabelOffset > math.MaxInt32:
		return notIndex("label_offset is %d, must be from data_offset, which is %d, to %d", h.LabelOffset, h.DataOffset, math.MaxInt32)
	case h.SizePerElement != h.LabelOffset+labelSize:
		return notIndex("size_per_element is %d, must be label_offset + 8, which is %d", h.SizePerElement, h.LabelOffset+labelSize)
	case h.MaxElements > most:
		return notIndex("max_elements is %d, must be at most %d", h.MaxElements, most)
	case h.Count > h.MaxElements:
		return notIndex("it has %d elements, max_elements is %d", h.Count, h.MaxElements)
	case !h.multFits():
		return notIndex("mult is %v, must be 1/ln(M), which is %.9g", h.Mult, 1/math.Log(float64(h.M)))
	}
	if least := headerSize + h.Count*(h.SizePerElement+linkCountSize); uint64(size) < least {
		return notIndex("it has %d bytes, its %d elements need at least %d", size, h.Count, least)
	}
	if h.Count == 0 {
		if h.MaxLevel != -1 || h.EntryPoint != noEntryPoint {
			return notIndex("it has no elements, but max_level %d and enterpoint %d, must be -1 and %d", h.MaxLevel, h.EntryPoint, uint32(noEntryPoint))
		}
		return nil
	}
	if uint64(h.EntryPoint) >= h.Count {
		return notIndex("enterpoint is %d, must be one of the %d elements", h.EntryPoint, h.Count)
	}
	if h.MaxLevel < 0 || h.MaxLevel > maxLevel {
		return notIndex("max_level is %d, must be from 0 to %d", h.MaxLevel, maxLevel)
	}
	return nil
}

// multFits reports whether mult is 1/ln(M), up to a relative error of 1e-9: what
// another machine's logarithm may differ by. hnswlib takes mult from the file and
// multiplies it to find the level of each new element, which can become so high
// that its links do not fit into memory.
func (h *header) multFits() bool {
	want := 1 / math.Log(float64(h.M))
	return math.Abs(h.Mult-want) <= 1e-9*want // false for NaN and for infinities
}

// notIndex makes an error that wraps ErrIndexFile.
func notIndex(format string, args ...any) error {
	return fault.New(fault.ErrIndexFile, "not an hnswlib index: "+format, args...)
}
