package snapshot

import "github.com/vxsnap/vxsnap/internal/fault"

// A Kind tells the three sorts of rows apart.
type Kind int

// The kinds of rows, in the order in which a snapshot has them.
const (
	KindMetadata Kind = iota // the first: what the files are
	KindChunk                // bytes of a file
	KindEnd                  // the last: the checksums
)

// A Row is one row of a snapshot, as a Stream gives it and as a Verifier and
// a Restorer take it. Fields that do not belong to the kind are
// zero, and ignored.
type Row struct {
	Seq      int64
	Kind     Kind
	FileName string // of KindChunk
	Offset   int64  // of KindChunk: where in the file the bytes belong
	Data     []byte // of KindChunk: the bytes, or one zstd frame that is shorter; owned by whoever made the row
	Last     bool   // the file's last chunk, or the end row
	Metadata string // metadata_json: of KindMetadata the metadata, of KindEnd the end record
}

// KindOf tells which kind of row has values in these columns, and refuses
// every other pattern of NULLs.
func KindOf(seq int64, fileName, offset, data, metadata bool) (Kind, error) {
	switch [4]bool{fileName, offset, data, metadata} {
	case [4]bool{true, true, true, false}:
		return KindChunk, nil
	case [4]bool{false, false, false, true}:
		if seq == 0 {
			return KindMetadata, nil
		}
		return KindEnd, nil
	}
	return 0, fault.Damaged("row with seq %d is neither a metadata row, a file row nor the end row: check which of its columns are NULL", seq)
}
