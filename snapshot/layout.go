package snapshot

import "sort"

// A layout is the arithmetic of a snapshot's rows: which seq holds which bytes
// of which file. The metadata decides it completely.
type layout struct {
	chunkSize int64
	files     []File
	first     []int64 // seq of each file's first row
	end       int64   // seq of the end row
}

// A place is what one row must hold.
type place struct {
	file   int   // index in files; len(files) for the end row, -1 for the metadata row
	offset int64 // bytes
	length int64 // bytes
	last   bool
}

func newLayout(m *Metadata) *layout {
	l := &layout{chunkSize: m.ChunkSize, files: m.Files, first: make([]int64, len(m.Files)), end: 1}
	for i := range m.Files {
		l.first[i] = l.end
		l.end += rows(m.Files[i].Size, m.ChunkSize)
	}
	return l
}

// rows is how many rows a file takes; an empty file takes one.
func rows(size, chunkSize int64) int64 {
	if size == 0 {
		return 1
	}
	return (size-1)/chunkSize + 1
}

// at gives the place of a row, 0 ≤ seq ≤ end.
func (l *layout) at(seq int64) place {
	switch seq {
	case 0:
		return place{file: -1}
	case l.end:
		return place{file: len(l.files), last: true}
	}
	i := sort.Search(len(l.first), func(i int) bool { return l.first[i] > seq }) - 1
	offset := (seq - l.first[i]) * l.chunkSize
	rest := l.files[i].Size - offset
	return place{i, offset, min(rest, l.chunkSize), rest <= l.chunkSize}
}
