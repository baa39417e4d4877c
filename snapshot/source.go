package snapshot

import (
	"fmt"
	"io"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A Source is one file of a snapshot as it is read: once, from its start to its end.
type Source struct {
	// File is what the metadata will say: name, type, size and what is known
	// about the content.
	File File

	// Reader gives the bytes from 0 to File.Size; of an empty file it may be nil.
	// It is read on the goroutine that calls the Stream.
	Reader io.ReaderAt

	// Unchanged, if not nil, is called after bytes were read. It returns an
	// error wrapping ErrChanged where they may not be those of the snapshot's moment.
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
