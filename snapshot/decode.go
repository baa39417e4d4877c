package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A field of an object in the metadata: where its value goes, and whether the
// object has no meaning without it.
type field struct {
	name     string
	to       any
	required bool
}

func (m *Metadata) fields() []field {
	return []field{
		{"version", &m.Version, true},
		{"snapshot_id", &m.SnapshotID, true},
		{"created_at", &m.CreatedAt, true},
		{"chunk_size", &m.ChunkSize, true},
		{"total_size", &m.TotalSize, true},
		{"checksum_algorithm", &m.ChecksumAlgorithm, true},
	}
}

func (f *File) fields() []field {
	return []field{
		{"file_name", &f.Name, true},
		{"file_type", &f.Type, true},
		{"file_size", &f.Size, true},
		{"path", &f.Path, false},
		{"page_size", &f.PageSize, false},
		{"modified_at", &f.ModifiedAt, false},
		{"table", &f.Table, false},
		{"elements", &f.Elements, false},
		{"max_elements", &f.MaxElements, false},
	}
}

// DecodeMetadata reads and validates a metadata record. Fields that are not
// known are ignored, but no field comes twice. It keeps what the record says and
// nothing else, so that a long text costs no more than to pass over it. Every
// error wraps ErrDamaged.
func DecodeMetadata(text []byte) (*Metadata, error) {
	return decodeMetadata(text, never)
}

func decodeMetadata(text []byte, interrupted func() error) (*Metadata, error) {
	given, err := decodeObject("metadata", text, interrupted)
	if err != nil {
		return nil, err
	}
	// The version comes first: what follows it may mean something else.
	var version int64
	if json.Unmarshal(given["version"], &version) == nil && version > Version {
		return nil, fault.Damaged("metadata version is %d, this build reads version %d; use a newer vxsnap", version, Version)
	}
	m := new(Metadata)
	err = decodeRecord("metadata", given, m.fields(), func() []field {
		m.Files = append(m.Files, File{})
		return m.Files[len(m.Files)-1].fields()
	}, interrupted)
	if err != nil {
		return nil, err
	}
	return m, m.Validate()
}

// decodeObject gives the fields of JSON text that is one object. where names it.
func decodeObject(where string, text []byte, interrupted func() error) (map[string]json.RawMessage, error) {
	if len(text) > MaxMetadataSize {
		return nil, fault.Damaged("%s is %d bytes long, at most %d are read", where, len(text), MaxMetadataSize)
	}
	if err := checkJSON(text); err != nil {
		return nil, fault.Damaged("%s is not a JSON object: %w", where, err)
	}
	s := &scanner{text: text, interrupted: interrupted}
	if kind := s.kind(); kind != "object" && kind != "null" {
		return nil, fault.Damaged("%s is not a JSON object: got a JSON %s", where, kind)
	}
	return s.object(where)
}

// decodeRecord reads the fields of a record, and those of its files: file makes room
// for the next of them, and says which fields it has.
func decodeRecord(where string, given map[string]json.RawMessage, fields []field, file func() []field, interrupted func() error) error {
	if err := requireFields(where, given, append(fields, field{name: "files", required: true})); err != nil {
		return err
	}
	s := &scanner{text: given["files"], interrupted: interrupted}
	if err := s.files(where, file); err != nil {
		return err
	}
	return decodeFields(where, "", given, fields)
}

// files reads the objects of an array, the field files of where.
func (s *scanner) files(where string, file func() []field) error {
	if kind := s.kind(); kind != "array" {
		return fault.Damaged("%s field files is not an array of objects: got a JSON %s", where, kind)
	}
	for i := 0; s.element(); i++ {
		if kind := s.kind(); kind != "object" && kind != "null" {
			return fault.Damaged("%s field files is not an array of objects: got a JSON %s", where, kind)
		}
		if i == MaxFiles {
			return tooManyFiles(where)
		}
		one := fmt.Sprintf("%s files[%d]", where, i)
		given, err := s.object(one)
		if err != nil {
			return err
		}
		fields := file()
		if err := requireFields(one, given, fields); err != nil {
			return err
		}
		if err := decodeFields(where, "files.", given, fields); err != nil {
			return err
		}
	}
	return nil
}

func tooManyFiles(where string) error {
	return fault.Damaged("%s lists more than %d files, which no snapshot has", where, MaxFiles)
}

func requireFields(where string, given map[string]json.RawMessage, fields []field) error {
	for _, f := range fields {
		if value, ok := given[f.name]; f.required && (!ok || string(value) == "null") {
			return fault.Damaged("%s lacks the field %s", where, f.name)
		}
	}
	return nil
}

func decodeFields(where, prefix string, given map[string]json.RawMessage, fields []field) error {
	for _, f := range fields {
		value, ok := given[f.name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(value, f.to); err != nil {
			if e := new(json.UnmarshalTypeError); errors.As(err, &e) {
				err = fmt.Errorf("field %q does not take a JSON %s", prefix+f.name, e.Value)
			}
			return fault.Damaged("%s has a field that cannot be read: %w", where, err)
		}
	}
	return nil
}
