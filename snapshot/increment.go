package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"github.com/vxsnap/vxsnap/internal/fault"
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

func (b *BaseRecord) fields() []field {
	return []field{{"snapshot_id", &b.SnapshotID, false}, {"checksum", &b.Checksum, true}}
}

// decodeBase reads the field base of an end record, nil if it has none.
func decodeBase(text []byte) (*BaseRecord, error) {
	if len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	const where = "the end record's base"
	given, err := decodeObject(where, text, never)
	if err != nil {
		return nil, err
	}
	b := new(BaseRecord)
	if err := requireFields(where, given, b.fields()); err != nil {
		return nil, err
	}
	if err := decodeFields(where, "", given, b.fields()); err != nil {
		return nil, err
	}
	if b.SnapshotID != nil && !snapshotID.MatchString(*b.SnapshotID) {
		return nil, fault.Damaged("%s has the snapshot_id %s, which is not one", where, fault.Quote(*b.SnapshotID))
	}
	return b, nil
}

// String is how a base is named in a sentence.
func (b *BaseRecord) String() string {
	if b.SnapshotID != nil {
		return *b.SnapshotID
	}
	return "the files of checksum " + b.Checksum.String()
}

// find finds the chunks of a block that a base has, whose digests are known.
func (b *block) find(base *Manifest, name string, chunkSize int64) {
	had := base.of(name)
	had = had[min(int64(len(had)), b.start/chunkSize*sha256.Size):]
	b.same = b.same[:0]
	for i := range b.digests {
		b.same = append(b.same, len(had) >= sha256.Size && Checksum(had[:sha256.Size]) == b.digests[i])
		had = had[min(len(had), sha256.Size):]
	}
}

// unchanged reports whether the base has the current row, and notes one that goes out.
func (s *Stream) unchanged() bool {
	inc := s.increment
	if inc == nil || s.row.Kind != KindChunk {
		return false
	}
	b := s.window.front
	b.Wait()
	i := (s.row.Offset - b.start) / s.layout.chunkSize
	if b.same[i] {
		return true
	}
	inc.rows++
	inc.carried.add(s.row.Seq, &b.digests[i])
	return false
}
