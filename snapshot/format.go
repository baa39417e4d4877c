package snapshot

import "regexp"

// The constants of the format. They are part of the format: a change of one of
// them is a new version.
const (
	// Version is the metadata version that this package writes and reads.
	Version = 1

	// ChecksumAlgorithm is the only value of checksum_algorithm.
	ChecksumAlgorithm = "sha256"

	// TypeDatabase and TypeIndex are the values of file_type.
	TypeDatabase = "sqlite_db"
	TypeIndex    = "hnsw_index"

	// DatabaseName is the file_name of a database that is exported.
	DatabaseName = "database.db"

	// MinChunkSize, MaxChunkSize and DefaultChunkSize bound the length of one
	// row's data, in bytes.
	MinChunkSize     = 512
	MaxChunkSize     = 256 << 20
	DefaultChunkSize = 64 << 10

	// MaxMetadataSize is the longest metadata_json that is read, in bytes.
	MaxMetadataSize = 16 << 20

	// MaxFiles is how many files a snapshot has at most, and in how many folders: whoever
	// exports one holds a descriptor for each of them.
	MaxFiles = 10000

	// MaxFields is how many fields an object of the metadata has at most, those
	// that are not known among them.
	MaxFields = 100
)

// snapshotID is what a snapshot_id may look like, so that it can be part of the name
// of a file.
var snapshotID = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$`)

// blockSize is how much is read, hashed or kept at a time where the chunk size
// does not ask for more, in bytes. It is not part of the format.
const blockSize = 1 << 20
