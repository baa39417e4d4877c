package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// An increment is a stream of the chunks that a base does not have at the same place. The
// seqs of its rows are what they would be in full.
type increment struct {
	base    *Manifest
	rows    int64
	carried *carried
}

// A carried hashes the rows of an increment, so that they can be checked without its
// base: the SHA-256 over seq (8 bytes, big-endian) and digest of each, in order.
type carried struct {
	sum hash.Hash
	buf [8 + sha256.Size]byte
}

func newCarried() *carried { return &carried{sum: sha256.New()} }

func (c *carried) add(seq int64, digest *Checksum) {
	binary.BigEndian.PutUint64(c.buf[:], uint64(seq))
	copy(c.buf[8:], digest[:])
	c.sum.Write(c.buf[:])
}

func (c *carried) checksum() (sum Checksum) {
	c.sum.Sum(sum[:0])
	return sum
}

// A BaseRecord names the base of an increment.
type BaseRecord struct {
	SnapshotID *string  `json:"snapshot_id"`
	Checksum   Checksum `json:"checksum"`
}

// String is how a base is named in a sentence.
func (b *BaseRecord) String() string {
	if b.SnapshotID != nil {
		return *b.SnapshotID
	}
	return "the files of checksum " + b.Checksum.String()
}

// unchanged reports whether the base has the current row, and notes one that goes out.
func (s *Stream) unchanged() bool {
	inc := s.increment
	if inc == nil || s.row.Kind != KindChunk {
		return false
	}
	digest, _ := s.Digest()
	if inc.base.has(s.row.FileName, s.row.Offset/s.layout.chunkSize, &digest) {
		return true
	}
	inc.rows++
	inc.carried.add(s.row.Seq, &digest)
	return false
}
