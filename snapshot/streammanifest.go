package snapshot

import "crypto/sha256"

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

// manifestHead is what precedes the digests.
func (s *Stream) manifestHead(end *EndRecord) ([]byte, error) {
	m := Manifest{Version: Version, ChunkSize: s.meta.ChunkSize, SnapshotID: &s.meta.SnapshotID, Checksum: end.Checksum}
	for i := range s.meta.Files {
		m.Files = append(m.Files, ManifestFile{s.meta.Files[i].Name, s.meta.Files[i].Size, end.Files[i].Checksum})
	}
	return m.head()
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
