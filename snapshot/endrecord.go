package snapshot

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// An EndRecord is metadata_json of the end row: the checksums, which are known only
// when all bytes were read. The field names are part of the format.
type EndRecord struct {
	Checksum Checksum       `json:"checksum"` // of the snapshot
	Files    []FileChecksum `json:"files"`    // in the order of the metadata

	// Of an increment.
	Base    *BaseRecord `json:"base,omitempty"`
	Rows    *int64      `json:"rows,omitempty"`    // how many file rows it has
	Carried *Checksum   `json:"carried,omitempty"` // over them
}

// A FileChecksum is the SHA-256 over the digests of a file's chunks, in order of
// offset.
type FileChecksum struct {
	Name     string   `json:"file_name"`
	Checksum Checksum `json:"checksum"`
}

func (e *EndRecord) fields() []field {
	return []field{{"checksum", &e.Checksum, true}, {"rows", &e.Rows, false}, {"carried", &e.Carried, false}}
}

func (f *FileChecksum) fields() []field {
	return []field{{"file_name", &f.Name, true}, {"checksum", &f.Checksum, true}}
}

// newEndRecord makes the record of files with these checksums. text has hashed the
// metadata row.
func newEndRecord(m *Metadata, text hash.Hash, sums []Checksum) *EndRecord {
	e := &EndRecord{Files: make([]FileChecksum, len(sums))}
	for i, sum := range sums {
		e.Files[i] = FileChecksum{m.Files[i].Name, sum}
	}
	e.Checksum = combined(text, e.Files)
	return e
}

// hashText begins the checksum of a snapshot with its metadata.
func hashText(metadata string) hash.Hash {
	h := sha256.New()
	h.Write([]byte(metadata))
	return h
}

// combined is the checksum of a whole snapshot: the SHA-256 over the text of the
// metadata row, which binds names, sizes and order, and then each file's checksum
// in hex.
func combined(text hash.Hash, files []FileChecksum) (sum Checksum) {
	for i := range files {
		text.Write([]byte(files[i].Checksum.String()))
	}
	text.Sum(sum[:0])
	return sum
}

// encode gives the record as metadata_json.
func (e *EndRecord) encode() (string, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("encode the end record: %w", err)
	}
	return string(text), nil
}

// decodeEnd reads an end record, as DecodeMetadata reads metadata. Every error but
// that of interrupted wraps ErrDamaged.
func decodeEnd(text []byte, interrupted func() error) (*EndRecord, error) {
	given, err := decodeObject("the end record", text, interrupted)
	if err != nil {
		return nil, err
	}
	e := new(EndRecord)
	err = decodeRecord("the end record", given, e.fields(), func() []field {
		e.Files = append(e.Files, FileChecksum{})
		return e.Files[len(e.Files)-1].fields()
	}, interrupted)
	if err == nil {
		e.Base, err = decodeBase(given["base"])
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// check holds the record against the metadata: it has the checksum of each file,
// and the snapshot's is over them. text has hashed the metadata row.
func (e *EndRecord) check(m *Metadata, text hash.Hash) error {
	if (e.Base == nil) != (e.Rows == nil) || (e.Base == nil) != (e.Carried == nil) {
		return fault.Damaged("the end record has some of the fields base, rows and carried, must have all of them or none")
	}
	if e.Base != nil && (*e.Rows < 0 || *e.Rows >= newLayout(m).end) {
		return fault.Damaged("the end record's rows is %d, the snapshot has %d file rows", *e.Rows, newLayout(m).end-1)
	}
	if len(e.Files) != len(m.Files) {
		return fault.Damaged("the end record has the checksums of %d files, the metadata lists %d", len(e.Files), len(m.Files))
	}
	for i := range e.Files {
		if got, want := e.Files[i].Name, m.Files[i].Name; got != want {
			return fault.Damaged("the end record's files[%d]: file_name is %s, must be %s", i, fault.Quote(got), fault.Quote(want))
		}
	}
	if sum := combined(text, e.Files); e.Checksum != sum {
		return fault.Damaged("the end record's checksum is %s, the metadata row and the files' checksums give %s", e.Checksum, sum)
	}
	return nil
}

// compare holds the record against what the rows gave.
func (e *EndRecord) compare(sums []Checksum, what string) error {
	for i := range e.Files {
		if want := e.Files[i].Checksum; sums[i] != want {
			return fault.Damaged("%s: checksum mismatch: the end record says %s, %s %s", e.Files[i].Name, want, what, sums[i])
		}
	}
	return nil
}
