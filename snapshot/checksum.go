package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A Checksum is a SHA-256.
type Checksum [sha256.Size]byte

// String gives the 64 lower-case hex digits that sha256sum prints.
func (c Checksum) String() string { return hex.EncodeToString(c[:]) }

// MarshalText implements encoding.TextMarshaler.
func (c Checksum) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. Upper-case digits are
// refused: equal checksums have equal texts.
func (c *Checksum) UnmarshalText(text []byte) error {
	n, err := hex.Decode(c[:], text[:min(len(text), 2*len(c))])
	if err != nil || n != len(c) || string(text) != c.String() {
		return fmt.Errorf("checksum must be 64 lower-case hex digits, got %s", fault.Quote(string(text)))
	}
	return nil
}

// A folder makes the checksums of a snapshot's files of the digests of their
// chunks, which come in seq order.
type folder struct {
	layout *layout
	sum    hash.Hash  // of the file whose digests come
	files  []Checksum // of the files before it
	left   int64      // how many of its digests are to come

	keep bool   // the digests too
	room int    // bytes of kept for the first line of a manifest
	kept []byte // then 32 bytes each
}

func newFolder(l *layout) *folder { return &folder{layout: l, sum: sha256.New()} }

// add takes the next digest.
func (f *folder) add(digest *Checksum) {
	if f.left == 0 {
		f.left = rows(f.layout.files[len(f.files)].Size, f.layout.chunkSize)
	}
	if f.keep {
		f.kept = append(f.kept, digest[:]...)
	}
	f.sum.Write(digest[:])
	if f.left--; f.left == 0 {
		var sum Checksum
		f.sum.Sum(sum[:0])
		f.files = append(f.files, sum)
		f.sum.Reset()
	}
}

// sumSoFar is the checksum of the digests of the file whose digests come.
func (f *folder) sumSoFar() (sum Checksum) {
	f.sum.Sum(sum[:0])
	return sum
}
