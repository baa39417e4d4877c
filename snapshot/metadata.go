package snapshot

import (
	"math"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// Metadata is the record of a snapshot: metadata_json of the row with seq 0.
// The field names are part of the format.
type Metadata struct {
	Version    int    `json:"version"`
	SnapshotID string `json:"snapshot_id"`
	CreatedAt  int64  `json:"created_at"` // Unix milliseconds
	ChunkSize  int64  `json:"chunk_size"` // bytes of data in a row, at most
	TotalSize  int64  `json:"total_size"` // sum of the files' sizes, in bytes

	ChecksumAlgorithm string   `json:"checksum_algorithm"`
	Checksum          Checksum `json:"checksum"` // over the files' names and checksums

	Files []File `json:"files"`
}

// File describes one file of a snapshot.
type File struct {
	Name     string   `json:"file_name"`
	Type     string   `json:"file_type"` // TypeDatabase or TypeIndex
	Size     int64    `json:"file_size"` // bytes
	Checksum Checksum `json:"checksum"`  // SHA-256 of the file's bytes

	// Of a database.
	PageSize int64 `json:"page_size,omitempty"` // bytes

	// Of an index file. Path is where it was found; nothing is ever written
	// there.
	Table       string `json:"table,omitempty"`
	Path        string `json:"path,omitempty"`
	Elements    *int64 `json:"elements,omitempty"`
	MaxElements *int64 `json:"max_elements,omitempty"`
}

// Validate checks everything that a record says about itself. Export and
// decoding both call it. Every error wraps ErrDamaged.
func (m *Metadata) Validate() error {
	switch {
	case m.Version != Version:
		return fault.Damaged("metadata version is %d, must be %d", m.Version, Version)
	case !fileName.MatchString(m.SnapshotID):
		return fault.Damaged("metadata snapshot_id %s is not allowed", fault.Quote(m.SnapshotID))
	case m.CreatedAt < 0:
		return fault.Damaged("metadata created_at is %d, must not be negative", m.CreatedAt)
	case m.ChunkSize < MinChunkSize || m.ChunkSize > MaxChunkSize:
		return fault.Damaged("metadata chunk_size is %d, must be from %d to %d", m.ChunkSize, MinChunkSize, MaxChunkSize)
	case m.ChecksumAlgorithm != ChecksumAlgorithm:
		return fault.Damaged("metadata checksum_algorithm is %s, must be 'sha256'", fault.Quote(m.ChecksumAlgorithm))
	case len(m.Files) == 0:
		return fault.Damaged("metadata lists no files")
	case len(m.Files) > MaxFiles:
		return tooManyFiles()
	}
	var total int64
	names := make(map[string]bool, len(m.Files))
	for i := range m.Files {
		f := &m.Files[i]
		if names[f.Name] {
			return fault.Damaged("metadata lists file_name %s twice", fault.Quote(f.Name))
		}
		if err := f.validate(i); err != nil {
			return err
		}
		names[f.Name] = true
		if f.Size > math.MaxInt64-total {
			return fault.Damaged("metadata files are larger than 2^63-1 bytes together")
		}
		total += f.Size
	}
	if total > math.MaxInt64-int64(len(m.Files))-2 {
		return fault.Damaged("metadata files are larger than a stream of rows can be")
	}
	if m.TotalSize != total {
		return fault.Damaged("metadata total_size is %d, the files have %d bytes", m.TotalSize, total)
	}
	if sum := combined(m.Files); m.Checksum != sum {
		return fault.Damaged("metadata checksum is %s, the files' names and checksums give %s", m.Checksum, sum)
	}
	return nil
}

// validate checks the i-th file on its own. The database is the first.
func (f *File) validate(i int) error {
	wantType := TypeIndex
	if i == 0 {
		wantType = TypeDatabase
	}
	switch {
	case !fileName.MatchString(f.Name):
		return fault.Damaged("metadata files[%d]: file_name %s is not allowed; a name has 1 to 128 of the characters A-Z a-z 0-9 . _ - and does not start with a dot", i, fault.Quote(f.Name))
	case (i == 0) != (f.Name == DatabaseName) || i > 0 && strings.HasPrefix(f.Name, DatabaseName):
		return fault.Damaged("metadata files[%d]: file_name is %s; the first file is '%s', and no other name begins like it", i, fault.Quote(f.Name), DatabaseName)
	case f.Type != wantType:
		return fault.Damaged("metadata files[%d]: file_type is %s, must be '%s'", i, fault.Quote(f.Type), wantType)
	case f.Size < 0:
		return fault.Damaged("metadata files[%d]: file_size is %d, must not be negative", i, f.Size)
	case i > 0:
		return nil
	case f.PageSize < 512 || f.PageSize > 65536 || f.PageSize&(f.PageSize-1) != 0:
		return fault.Damaged("metadata files[0]: page_size is %d, must be a power of two from 512 to 65536", f.PageSize)
	case f.Size%f.PageSize != 0:
		return fault.Damaged("metadata files[0]: file_size is %d, must be a multiple of the page_size %d", f.Size, f.PageSize)
	}
	return nil
}
