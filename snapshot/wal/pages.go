package wal

import (
	"encoding/binary"
	"fmt"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// Places in the regions of the wal-index, which has one page number for each frame
// (https://www.sqlite.org/walformat.html, 2.2): the first region has a header before
// them, and each has a hash table behind.
const (
	pageNumber    = 4   // bytes
	pagesOffset   = 136 // in the first region
	pagesInRegion = 4096
	pagesInFirst  = pagesInRegion - pagesOffset/pageNumber
)

// Regions copies bytes of the wal-index: those at an offset of a region of 32 KiB,
// counted from 0.
type Regions func(p []byte, region, offset int) error

// A pageFrame is the frame that holds a page.
type pageFrame struct{ page, frame uint32 } // both counted from 1

// pageFrames lists frames 1 to h.MxFrame, in order, but those of pages behind the end
// of the database. The wal-index says which page a frame holds: to read the header of
// each frame of a long WAL takes a hundred times as long. check is called for the first
// and the last of them.
func pageFrames(regions Regions, h *Index, check func(pageFrame) error, interrupted func() error) (frames []pageFrame, err error) {
	var buf [pagesInRegion * pageNumber]byte
	for first, region := int64(1), 0; first <= int64(h.MxFrame); region++ {
		if err := interrupted(); err != nil {
			return nil, err
		}
		n, offset := int64(pagesInRegion), 0
		if region == 0 {
			n, offset = pagesInFirst, pagesOffset
		}
		n = min(n, int64(h.MxFrame)-first+1)
		numbers := buf[:n*pageNumber]
		if err := regions(numbers, region, offset); err != nil {
			return nil, fmt.Errorf("read region %d of the wal-index: %w", region, err)
		}
		for i := range n {
			f := pageFrame{binary.NativeEndian.Uint32(numbers[i*pageNumber:]), uint32(first + i)}
			if f.page == 0 {
				return nil, fault.Damaged("the wal-index has no page for frame %d, but counts %d frames", f.frame, h.MxFrame)
			}
			if f.frame == 1 || f.frame == h.MxFrame {
				if err := check(f); err != nil {
					return nil, err
				}
			}
			if f.page <= h.Pages {
				frames = append(frames, f)
			}
		}
		first += n
	}
	return frames, nil
}

// sortFrames sorts by page, and keeps the last frame of each. frames is in order. It
// goes through the list once for each byte of the largest page number: a long WAL has
// many frames, and a comparison each takes longer.
func sortFrames(frames []pageFrame) []pageFrame {
	var largest uint32
	for _, f := range frames {
		largest = max(largest, f.page)
	}
	sorted := make([]pageFrame, len(frames))
	for shift := 0; shift < 32 && largest>>shift > 0; shift += 8 {
		var at [256]int // where the next of a byte goes
		for _, f := range frames {
			at[byte(f.page>>shift)]++
		}
		sum := 0
		for b, n := range at {
			at[b] = sum
			sum += n
		}
		for _, f := range frames {
			b := byte(f.page >> shift)
			sorted[at[b]] = f
			at[b]++
		}
		frames, sorted = sorted, frames
	}
	last := frames[:0]
	for i, f := range frames {
		if i+1 == len(frames) || frames[i+1].page != f.page {
			last = append(last, f)
		}
	}
	return last
}
