package snapshot

import "crypto/sha256"

// A manifest is that of a stream, as it grows. All methods do nothing where none is wanted,
// which is where it is nil.
type manifest struct {
	size     int64 // bytes, when it is whole
	newBlock func(size int) Block
	block    Block
	bytes    []byte // of block: room for the first line, and the digests so far
	head     int    // bytes of the first line
}

// Manifest is that of the snapshot, which is known at the end row, if Options.Digests was
// set. It lies in a Block, and is valid until Close, or for as long as that is Shared.
func (s *Stream) Manifest() ([]byte, error) {
	if s.row.Kind != KindEnd || s.manifest == nil || s.manifest.block == nil {
		return nil, errNoManifest
	}
	return s.manifest.bytes, nil
}

// ManifestSize is how many bytes the manifest will have, 0 if none is wanted.
func (s *Stream) ManifestSize() int64 {
	if s.manifest == nil {
		return 0
	}
	return s.manifest.size
}

// manifestHead is what precedes the digests.
func manifestHead(meta *Metadata, end *EndRecord) ([]byte, error) {
	m := Manifest{Version: Version, ChunkSize: meta.ChunkSize, SnapshotID: &meta.SnapshotID, Checksum: end.Checksum}
	for i := range meta.Files {
		m.Files = append(m.Files, ManifestFile{meta.Files[i].Name, meta.Files[i].Size, end.Files[i].Checksum})
	}
	return m.head()
}

func newManifest(meta *Metadata, l *layout, newBlock func(size int) Block) (*manifest, error) {
	head, err := manifestHead(meta, &EndRecord{Files: make([]FileChecksum, len(meta.Files))})
	return &manifest{size: int64(len(head)) + (l.end-1)*sha256.Size, newBlock: newBlock, head: len(head)}, err
}

// start makes room for all of it.
func (m *manifest) start() error {
	if m == nil {
		return nil
	}
	if m.block = m.newBlock(int(m.size)); m.block == nil {
		return ErrNoMemory
	}
	m.bytes = m.block.Bytes()[:m.head]
	return nil
}

func (m *manifest) add(digest *Checksum) {
	if m != nil {
		m.bytes = append(m.bytes, digest[:]...)
	}
}

// finish puts the first line into its room.
func (m *manifest) finish(meta *Metadata, end *EndRecord) error {
	if m == nil {
		return nil
	}
	head, err := manifestHead(meta, end)
	copy(m.bytes, head)
	return err
}

func (m *manifest) close() {
	if m != nil && m.block != nil {
		m.block.Release()
		m.block = nil
	}
}
