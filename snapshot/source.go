package snapshot

import (
	"fmt"
	"io"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A Source is one file of a snapshot as it is read. It is read twice, once for
// the checksum and once for the rows, and must give the same bytes both times.
type Source struct {
	// File is what the metadata will say: name, type, size and what is known
	// about the content. The checksum is filled in by Open.
	File File

	// Reader gives the bytes from 0 to File.Size; of an empty file it may be nil.
	// Open and the Stream read the first source on the goroutine that calls them;
	// the others are read on another goroutine while Open runs. A panic there is
	// one of Open.
	Reader io.ReaderAt

	// Unchanged, if not nil, is called after bytes were read. It returns an
	// error wrapping ErrChanged where they may not be the ones that Open read.
	Unchanged func() error
}

// read fills p from off and does not take a changed source's bytes for good.
func (s *Source) read(p []byte, off int64) error {
	if len(p) == 0 {
		return nil
	}
	err := fault.ReadFull(s.Reader, p, off)
	if s.Unchanged != nil {
		if changed := s.Unchanged(); changed != nil {
			return changed
		}
	}
	if err != nil {
		return fmt.Errorf("%s: read at offset %d: %w", s.File.Name, off, err)
	}
	return nil
}
