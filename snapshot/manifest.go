package snapshot

import (
	"crypto/sha256"
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

// Manifest is that of the snapshot, and the Stream's. It is known at the end row, if
// Options.Digests was set.
func (s *Stream) Manifest() ([]byte, error) {
	if s.row.Kind != KindEnd || s.manifest == nil {
		return nil, errNoManifest
	}
	return s.manifest, nil
}

// ManifestSize is how many bytes the manifest will have, 0 if none is wanted.
func (s *Stream) ManifestSize() int64 { return s.manifestSize }

// manifestHead is what precedes the digests. It is as long whatever the checksums are.
func (s *Stream) manifestHead(end *EndRecord) ([]byte, error) {
	m := manifest{Version, s.meta.ChunkSize, s.meta.SnapshotID, end.Checksum, make([]manifestFile, len(s.meta.Files))}
	for i := range m.Files {
		m.Files[i] = manifestFile{s.meta.Files[i].Name, s.meta.Files[i].Size, end.Files[i].Checksum}
	}
	text, err := json.Marshal(m)
	return append(text, '\n'), err
}

// roomForDigests is how much memory a manifest takes from the start, at most, in
// bytes: it is copied only where it is larger.
const roomForDigests = 64 << 20

// startManifest makes room for the manifest.
func (s *Stream) startManifest() error {
	none := &EndRecord{Files: make([]FileChecksum, len(s.meta.Files))}
	head, err := s.manifestHead(none)
	if err == nil {
		digests := (s.layout.end - 1) * sha256.Size
		s.manifestSize = int64(len(head)) + digests
		s.manifest = make([]byte, len(head), int64(len(head))+min(digests, roomForDigests))
	}
	return err
}

// finishManifest puts the first line into its room.
func (s *Stream) finishManifest(end *EndRecord) error {
	head, err := s.manifestHead(end)
	copy(s.manifest, head)
	return err
}

var errNoManifest = errors.New("the manifest is known at the end row, where Options.Digests was set")
