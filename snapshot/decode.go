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
		{"checksum", &m.Checksum, true},
	}
}

func (f *File) fields() []field {
	return []field{
		{"file_name", &f.Name, true},
		{"file_type", &f.Type, true},
		{"file_size", &f.Size, true},
		{"checksum", &f.Checksum, true},
		{"page_size", &f.PageSize, false},
		{"table", &f.Table, false},
		{"path", &f.Path, false},
		{"elements", &f.Elements, false},
		{"max_elements", &f.MaxElements, false},
	}
}

// DecodeMetadata reads and validates a metadata record. Fields that are not
// known are ignored, but no field comes twice. It keeps what the record says and
// nothing else, so that a long text costs no more than to pass over it. Every
// error wraps ErrDamaged.
func DecodeMetadata(text []byte) (*Metadata, error) {
	return decodeMetadata(text, func() error { return nil })
}

func decodeMetadata(text []byte, interrupted func() error) (*Metadata, error) {
	if len(text) > MaxMetadataSize {
		return nil, fault.Damaged("metadata is %d bytes long, at most %d are read", len(text), MaxMetadataSize)
	}
	if err := checkJSON(text); err != nil {
		return nil, fault.Damaged("metadata is not a JSON object: %w", err)
	}
	s := &scanner{text: text, interrupted: interrupted}
	if kind := s.kind(); kind != "object" && kind != "null" {
		return nil, fault.Damaged("metadata is not a JSON object: got a JSON %s", kind)
	}
	given, err := s.object("metadata")
	if err != nil {
		return nil, err
	}
	// The version comes first: what follows it may mean something else.
	var version int64
	if json.Unmarshal(given["version"], &version) == nil && version > Version {
		return nil, fault.Damaged("metadata version is %d, this build reads version %d; use a newer vxsnap", version, Version)
	}
	m := new(Metadata)
	fields := m.fields()
	if err := requireFields("metadata", given, append(fields, field{name: "files", required: true})); err != nil {
		return nil, err
	}
	if m.Files, err = decodeFiles(&scanner{text: given["files"], interrupted: interrupted}); err != nil {
		return nil, err
	}
	if err := decodeFields("", given, fields); err != nil {
		return nil, err
	}
	return m, m.Validate()
}

// decodeFiles reads the array of files.
func decodeFiles(s *scanner) (files []File, err error) {
	if kind := s.kind(); kind != "array" {
		return nil, fault.Damaged("metadata field files is not an array of objects: got a JSON %s", kind)
	}
	for s.element() {
		if kind := s.kind(); kind != "object" && kind != "null" {
			return nil, fault.Damaged("metadata field files is not an array of objects: got a JSON %s", kind)
		}
		if len(files) == MaxFiles {
			return nil, tooManyFiles()
		}
		where := fmt.Sprintf("metadata files[%d]", len(files))
		given, err := s.object(where)
		if err != nil {
			return nil, err
		}
		files = append(files, File{})
		fields := files[len(files)-1].fields()
		if err := requireFields(where, given, fields); err != nil {
			return nil, err
		}
		if err := decodeFields("files.", given, fields); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func tooManyFiles() error {
	return fault.Damaged("metadata lists more than %d files, which no snapshot has", MaxFiles)
}

func requireFields(where string, given map[string]json.RawMessage, fields []field) error {
	for _, f := range fields {
		if value, ok := given[f.name]; f.required && (!ok || string(value) == "null") {
			return fault.Damaged("%s lacks the field %s", where, f.name)
		}
	}
	return nil
}

func decodeFields(prefix string, given map[string]json.RawMessage, fields []field) error {
	for _, f := range fields {
		value, ok := given[f.name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(value, f.to); err != nil {
			if e := new(json.UnmarshalTypeError); errors.As(err, &e) {
				err = fmt.Errorf("field %q does not take a JSON %s", prefix+f.name, e.Value)
			}
			return fault.Damaged("metadata has a field that cannot be read: %w", err)
		}
	}
	return nil
}
