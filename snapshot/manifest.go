package snapshot

import (
	"encoding/json"
	"errors"
)

// A manifest is the digests of every chunk of one snapshot, for whoever wants to
// know later what has changed: one line of JSON, a newline, and the digests in seq
// order, 32 bytes each. The field names are part of the format.
type manifest struct {
	Version    int            `json:"version"`
	ChunkSize  int64          `json:"chunk_size"`
	SnapshotID string         `json:"snapshot_id"`
	Checksum   Checksum       `json:"checksum"` // of the snapshot
	Files      []manifestFile `json:"files"`
}

type manifestFile struct {
	Name     string   `json:"file_name"`
	Size     int64    `json:"file_size"`
	Checksum Checksum `json:"checksum"`
}

// Manifest is that of the snapshot. It is known at the end row, if Options.Digests
// was set.
func (s *Stream) Manifest() ([]byte, error) {
	if s.end == nil || !s.opt.Digests {
		return nil, errNoManifest
	}
	m := manifest{Version, s.meta.ChunkSize, s.meta.SnapshotID, s.end.Checksum, make([]manifestFile, len(s.meta.Files))}
	for i := range m.Files {
		m.Files[i] = manifestFile{s.meta.Files[i].Name, s.meta.Files[i].Size, s.end.Files[i].Checksum}
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return append(append(text, '\n'), s.digests...), nil
}

var errNoManifest = errors.New("the manifest is known at the end row, where Options.Digests was set")
