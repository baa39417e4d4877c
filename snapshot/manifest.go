package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A Manifest is the digests of every chunk of one snapshot, or of a directory, for whoever
// wants to know later what has changed: one line of JSON, a newline, and the digests in
// seq order, 32 bytes each. The field names are part of the format. It must not be
// changed, and may be used by several goroutines.
type Manifest struct {
	Version    int            `json:"version"`
	ChunkSize  int64          `json:"chunk_size"`
	SnapshotID *string        `json:"snapshot_id"` // nil: of a directory, or of rows that were not all there
	Checksum   Checksum       `json:"checksum"`    // of the snapshot, or over those of the files
	Files      []ManifestFile `json:"files"`

	digests []byte
	first   map[string]manifestPlace
}

// A ManifestFile is one file of a Manifest.
type ManifestFile struct {
	Name     string   `json:"file_name"`
	Size     int64    `json:"file_size"` // bytes
	Checksum Checksum `json:"checksum"`
}

type manifestPlace struct{ first, rows int64 } // of a file's chunks

func (m *Manifest) fields() []field {
	return []field{
		{"version", &m.Version, true}, {"chunk_size", &m.ChunkSize, true},
		{"snapshot_id", &m.SnapshotID, false}, {"checksum", &m.Checksum, true},
	}
}

func (f *ManifestFile) fields() []field {
	return []field{{"file_name", &f.Name, true}, {"file_size", &f.Size, true}, {"checksum", &f.Checksum, true}}
}

// ParseManifest reads a manifest, and holds its digests against its checksums. It keeps
// blob. Every error wraps ErrDamaged.
func ParseManifest(blob []byte) (*Manifest, error) {
	line, _, ok := bytes.Cut(blob[:min(len(blob), MaxMetadataSize+1)], []byte("\n"))
	if !ok {
		return nil, fault.Damaged("the manifest has no line of JSON at its start")
	}
	given, err := decodeObject("the manifest", line, never)
	if err != nil {
		return nil, err
	}
	m := &Manifest{digests: blob[len(line)+1:], first: make(map[string]manifestPlace)}
	err = decodeRecord("the manifest", given, m.fields(), func() []field {
		m.Files = append(m.Files, ManifestFile{})
		return m.Files[len(m.Files)-1].fields()
	}, never)
	if err != nil {
		return nil, err
	}
	return m, m.check()
}

func (m *Manifest) check() error {
	switch {
	case m.Version != Version:
		return fault.Damaged("the manifest's version is %d, must be %d", m.Version, Version)
	case m.ChunkSize < MinChunkSize || m.ChunkSize > MaxChunkSize:
		return fault.Damaged("the manifest's chunk_size is %d, must be from %d to %d", m.ChunkSize, MinChunkSize, MaxChunkSize)
	case m.SnapshotID != nil && !snapshotID.MatchString(*m.SnapshotID):
		return fault.Damaged("the manifest's snapshot_id is %s, which is not one", fault.Quote(*m.SnapshotID))
	}
	at, have := int64(0), int64(len(m.digests)/sha256.Size)
	for i := range m.Files {
		f := &m.Files[i]
		if _, twice := m.first[f.Name]; twice || !validName(f.Name) {
			return fault.Damaged("the manifest's files[%d]: file_name %s is there twice, or not allowed", i, fault.Quote(f.Name))
		}
		if f.Size < 0 || f.Size > math.MaxInt64-m.ChunkSize {
			return fault.Damaged("the manifest's files[%d]: file_size is %d, which no file has", i, f.Size)
		}
		n := rows(f.Size, m.ChunkSize)
		if n > have-at {
			return fault.Damaged("the manifest has %d digests, too few for its files", have)
		}
		if got := Checksum(sha256.Sum256(m.digests[at*sha256.Size : (at+n)*sha256.Size])); got != f.Checksum {
			return fault.Damaged("the manifest's digests of %s do not give its checksum %s", f.Name, f.Checksum)
		}
		m.first[f.Name] = manifestPlace{at, n}
		at += n
	}
	if int64(len(m.digests)) != at*sha256.Size {
		return fault.Damaged("the manifest has %d bytes of digests, its files have %d", len(m.digests), at*sha256.Size)
	}
	if sum := m.ofFiles(); m.SnapshotID == nil && m.Checksum != sum {
		return fault.Damaged("the manifest's checksum is %s, its files' checksums give %s", m.Checksum, sum)
	}
	return nil
}

// ofFiles is the checksum of files that are no snapshot: the SHA-256 over the checksum of
// each in hex.
func (m *Manifest) ofFiles() (sum Checksum) {
	sums := sha256.New()
	for i := range m.Files {
		sums.Write([]byte(m.Files[i].Checksum.String()))
	}
	sums.Sum(sum[:0])
	return sum
}

// of gives the digests of a file's chunks, none of a file that it does not have.
func (m *Manifest) of(name string) []byte {
	p := m.first[name]
	return m.digests[p.first*sha256.Size : (p.first+p.rows)*sha256.Size]
}

// head is what precedes the digests. It is as long whatever the checksums are.
func (m *Manifest) head() ([]byte, error) {
	text, err := json.Marshal(m)
	if err == nil && len(text) > MaxMetadataSize {
		err = fmt.Errorf("the first line of a manifest of %d files is %d bytes long, at most %d can be read back", len(m.Files), len(text), MaxMetadataSize)
	}
	return append(text, '\n'), err
}

var errNoManifest = errors.New("the manifest is known at the end row, where Options.Digests was set")
