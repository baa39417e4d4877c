package hnsw

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// checkLinks walks over the elements and all their links.
func (h *header) checkLinks(r io.ReaderAt, size int64) error {
	if err := h.checkLevel0(r); err != nil {
		return err
	}
	levels := make([]uint8, h.Count) // the level of each element
	if err := h.readLevels(r, size, levels); err != nil {
		return err
	}
	if h.Count > 0 && int32(levels[h.EntryPoint]) != h.MaxLevel {
		return notIndex("the enterpoint, element %d, is on level %d, must be on max_level, which is %d", h.EntryPoint, levels[h.EntryPoint], h.MaxLevel)
	}
	return h.checkUpper(r, size, levels)
}

// checkLevel0 checks the links of level 0.
func (h *header) checkLevel0(r io.ReaderAt) error {
	if h.Count == 0 {
		return nil // nothing but an element bounds the size of a list by that of the file
	}
	in := section(r, headerSize, int64(h.Count*h.SizePerElement))
	list := make([]byte, h.DataOffset)
	for id := range h.Count {
		if _, err := io.ReadFull(in, list); err != nil {
			return fmt.Errorf("read element %d: %w", id, err)
		}
		if err := h.checkList(list, h.MaxM0, id, 0, nil); err != nil {
			return err
		}
		if _, err := in.Discard(int(h.SizePerElement - h.DataOffset)); err != nil {
			return fmt.Errorf("read element %d: %w", id, err)
		}
	}
	return nil
}

// upper is where the links above level 0 begin.
func (h *header) upper() int64 { return headerSize + int64(h.Count*h.SizePerElement) }

// listSize is the size of one link list above level 0.
func (h *header) listSize() uint64 { return linkCountSize + linkSize*h.MaxM }

// readLevels finds the level of every element from the sizes of its links.
func (h *header) readLevels(r io.ReaderAt, size int64, levels []uint8) error {
	in := section(r, h.upper(), size-h.upper())
	left := uint64(size - h.upper())
	var word [4]byte
	for id := range levels {
		if left < uint64(len(word)) {
			return notIndex("it ends before the links of element %d", id)
		}
		if _, err := io.ReadFull(in, word[:]); err != nil {
			return fmt.Errorf("read the links of element %d: %w", id, err)
		}
		n := uint64(binary.LittleEndian.Uint32(word[:]))
		left -= uint64(len(word))
		switch level := n / h.listSize(); {
		case n%h.listSize() != 0:
			return notIndex("the links of element %d have %d bytes, must be a multiple of 4 x maxM + 4, which is %d", id, n, h.listSize())
		case level > uint64(h.MaxLevel):
			return notIndex("element %d is on level %d, must be at most max_level, which is %d", id, level, h.MaxLevel)
		case n > left:
			return notIndex("the links of element %d have %d bytes, %d are left in the file", id, n, left)
		default:
			levels[id] = uint8(level)
		}
		left -= n
		if _, err := in.Discard(int(n)); err != nil {
			return fmt.Errorf("read the links of element %d: %w", id, err)
		}
	}
	if left > 0 {
		return notIndex("%d bytes follow the last element", left)
	}
	return nil
}

// checkUpper checks the links above level 0.
func (h *header) checkUpper(r io.ReaderAt, size int64, levels []uint8) error {
	in := section(r, h.upper(), size-h.upper())
	var list []byte
	for id := range levels {
		if _, err := in.Discard(4); err != nil {
			return fmt.Errorf("read the links of element %d: %w", id, err)
		}
		for level := uint8(1); level <= levels[id] && level != 0; level++ {
			if list == nil {
				list = make([]byte, h.listSize())
			}
			if _, err := io.ReadFull(in, list); err != nil {
				return fmt.Errorf("read the links of element %d: %w", id, err)
			}
			if err := h.checkList(list, h.MaxM, uint64(id), level, levels); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkList checks one list: how many links it has and where they lead. levels
// is nil for level 0, on which every element is.
func (h *header) checkList(list []byte, most, id uint64, level uint8, levels []uint8) error {
	n := uint64(binary.LittleEndian.Uint16(list))
	if n > most {
		return notIndex("element %d has %d links on level %d, must be at most %d", id, n, level, most)
	}
	links := list[linkCountSize : linkCountSize+n*linkSize]
	for ; len(links) > 0; links = links[linkSize:] {
		to := binary.LittleEndian.Uint32(links)
		if uint64(to) >= h.Count {
			return notIndex("element %d links to element %d on level %d, there are %d elements", id, to, level, h.Count)
		}
		if levels != nil && levels[to] < level {
			return notIndex("element %d links to element %d on level %d, which is on level %d only", id, to, level, levels[to])
		}
	}
	return nil
}

// readSize is how much is read at a time, in bytes.
const readSize = 256 << 10

// section reads a part of r in large blocks.
func section(r io.ReaderAt, off, n int64) *bufio.Reader {
	return bufio.NewReaderSize(&sticky{r: io.NewSectionReader(r, off, n)}, int(min(max(n, 16), readSize)))
}

// A sticky reader reads nothing after an error: a bufio.Reader that discards would
// try again.
type sticky struct {
	r   io.Reader
	err error
}

func (s *sticky) Read(p []byte) (n int, err error) {
	if s.err == nil {
		n, s.err = s.r.Read(p)
	}
	return n, s.err
}
