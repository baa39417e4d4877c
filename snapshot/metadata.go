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

	ChecksumAlgorithm string `json:"checksum_algorithm"`

	// Files are the index files, and then one or more databases.
	Files []File `json:"files"`
}

// File describes one file of a snapshot.
type File struct {
	Name string `json:"file_name"`
	Type string `json:"file_type"` // TypeDatabase or TypeIndex
	Size int64  `json:"file_size"` // bytes

	// Path is where it was found, "" where it had no name; nothing is ever written
	// there.
	Path string `json:"path,omitempty"`

	// Of a database.
	PageSize int64 `json:"page_size,omitempty"` // bytes

	// Of an index file.
	ModifiedAt  int64  `json:"modified_at,omitempty"` // Unix milliseconds
	Table       string `json:"table,omitempty"`
	Elements    *int64 `json:"elements,omitempty"`
	MaxElements *int64 `json:"max_elements,omitempty"`
}

// Validate checks everything that a record says about itself. Export and
// decoding both call it. Every error wraps ErrDamaged.
func (m *Metadata) Validate() error {
	switch {
	case m.Version != Version:
		return fault.Damaged("metadata version is %d, must be %d", m.Version, Version)
	case !snapshotID.MatchString(m.SnapshotID):
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
		return tooManyFiles("metadata")
	}
	var total int64
	for i := range m.Files {
		f := &m.Files[i]
		if err := f.validate(i); err != nil {
			return err
		}
		if i > 0 && m.Files[i-1].Type == TypeDatabase && f.Type != TypeDatabase {
			return fault.Damaged("metadata files[%d]: file_type is %s, must be '%s': the databases come after all other files", i, fault.Quote(f.Type), TypeDatabase)
		}
		if f.Size > math.MaxInt64-total {
			return fault.Damaged("metadata files are larger than 2^63-1 bytes together")
		}
		total += f.Size
	}
	if last := m.Files[len(m.Files)-1]; last.Type != TypeDatabase {
		return fault.Damaged("metadata lists no file of type '%s', which a snapshot has as its last", TypeDatabase)
	}
	if total > math.MaxInt64-int64(len(m.Files))-2 {
		return fault.Damaged("metadata files are larger than a stream of rows can be")
	}
	if m.TotalSize != total {
		return fault.Damaged("metadata total_size is %d, the files have %d bytes", m.TotalSize, total)
	}
	return checkNames(m.Files)
}

// validate checks the i-th file on its own.
func (f *File) validate(i int) error {
	switch {
	case !validName(f.Name):
		return fault.Damaged("metadata files[%d]: file_name %s is not allowed; %s", i, fault.Quote(f.Name), nameRule)
	case f.Type != TypeDatabase && f.Type != TypeIndex:
		return fault.Damaged("metadata files[%d]: file_type is %s, must be '%s' or '%s'", i, fault.Quote(f.Type), TypeDatabase, TypeIndex)
	case f.Size < 0:
		return fault.Damaged("metadata files[%d]: file_size is %d, must not be negative", i, f.Size)
	case f.Type != TypeDatabase:
		return nil
	case strings.Contains(f.Name, "/"):
		return fault.Damaged("metadata files[%d]: file_name of a database is %s, must not have a '/'", i, fault.Quote(f.Name))
	case f.PageSize < 512 || f.PageSize > 65536 || f.PageSize&(f.PageSize-1) != 0:
		return fault.Damaged("metadata files[%d]: page_size is %d, must be a power of two from 512 to 65536", i, f.PageSize)
	case f.Size%f.PageSize != 0:
		return fault.Damaged("metadata files[%d]: file_size is %d, must be a multiple of the page_size %d", i, f.Size, f.PageSize)
	}
	return nil
}
