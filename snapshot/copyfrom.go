package snapshot

import "github.com/vxsnap/vxsnap/internal/fault"

// A descriptor is a file that the system can copy from.
type descriptor interface{ Fd() uintptr }

func (f osFile) CopyFrom(from BaseFile, n int64, interrupted func() error) error {
	buf := []byte(nil)
	for off := int64(0); off < n; {
		if err := interrupted(); err != nil {
			return err
		}
		if d, ok := from.(descriptor); ok && buf == nil {
			if done := copyRange(f.File, d, off, min(n-off, copyStep)); done > 0 {
				off += done
				continue
			}
		}
		if buf == nil {
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
