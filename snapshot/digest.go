package snapshot

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// digests computes the checksums of a snapshot's files while their chunks
// arrive. Chunks that follow each other are hashed as they come, on another
// goroutine; from the first one that does not, the rest of the file is read
// back at the end.
type digests struct {
	h     *hasher
	files []digest
}

type digest struct {
	sum  hash.Hash // nil until the first byte
	upTo int64     // how many bytes of the file are hashed
}

func newDigests(m *Metadata) *digests {
	return &digests{newHasher(), make([]digest, len(m.Files))}
}

// write hashes a chunk if it is the next one of its file, and says so.
func (d *digests) write(file int, offset int64, data []byte) bool {
	f := &d.files[file]
	if offset != f.upTo {
		return false
	}
	if f.sum == nil {
		f.sum = sha256.New()
	}
	d.h.write(f.sum, data)
	f.upTo += int64(len(data))
	return true
}

// check finishes the hashes, with the bytes that did not come in order read
// from the file that stored gives, and compares them.
func (d *digests) check(m *Metadata, stored func(file int) io.ReaderAt, interrupted func() error) error {
	for i := range m.Files {
		f, want := &d.files[i], &m.Files[i]
		if f.sum == nil {
			f.sum = sha256.New()
		}
		d.h.flush()
		for f.upTo < want.Size {
			if err := interrupted(); err != nil {
				return err
			}
			b := d.h.buffer()[:min(blockSize, want.Size-f.upTo)]
			n, err := stored(i).ReadAt(b, f.upTo)
			if err != nil && (n < len(b) || !errors.Is(err, io.EOF)) {
				d.h.free <- b
				return fmt.Errorf("%s: read back at offset %d: %w", want.Name, f.upTo, err)
			}
			d.h.send(f.sum, b)
			f.upTo += int64(len(b))
		}
		d.h.wait()
		var got Checksum
		f.sum.Sum(got[:0])
		if got != want.Checksum {
			return fault.Damaged("%s: checksum mismatch: metadata says %s, the rows give %s", want.Name, want.Checksum, got)
		}
	}
	return nil
}

func (d *digests) close() { d.h.close() }
