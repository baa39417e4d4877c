package snapshot

import (
	"os"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A descriptor is a file that the system can copy from.
type descriptor interface{ Fd() uintptr }

// A SystemCopier is a BaseFile from which the system can copy, but by no descriptor of the process. CopyTo copies at most n bytes
// to the same place of another file, or lets it share them, and gives how many: 0 where the
// system does not, so that they are read.
type SystemCopier interface {
	CopyTo(to *os.File, off, n int64) int64
}

func (f osFile) CopyFrom(from BaseFile, n int64, interrupted func() error) error {
	buf := []byte(nil)
	for off := int64(0); off < n; {
		if err := interrupted(); err != nil {
			return err
		}
		if buf == nil {
			if done := f.copyBySystem(from, off, min(n-off, copyStep)); done > 0 {
				off += done
				continue
			}
			buf = make([]byte, blockSize)
		}
		part := buf[:min(n-off, blockSize)]
		if err := fault.ReadFull(from, part, off); err != nil {
			return err
		}
		if _, err := f.WriteAt(part, off); err != nil {
			return err
		}
		off += int64(len(part))
	}
	return nil
}

func (f osFile) copyBySystem(from BaseFile, off, n int64) int64 {
	switch from := from.(type) {
	case SystemCopier:
		return from.CopyTo(f.File, off, n)
	case descriptor:
		return copyRange(f.File, from, off, n)
	}
	return 0
}
