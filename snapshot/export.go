package snapshot

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"time"
)

// Options of an export.
type Options struct {
	ChunkSize int64 // bytes of a row's data, at most; 0 means DefaultChunkSize

	// NewBlock allocates the memory that chunks lie in; nil means Go memory.
	NewBlock func(size int) Block

	// Interrupted is asked about every megabyte on the calling goroutine. Its
	// error ends the work and is returned.
	Interrupted func() error
}

func (o *Options) interrupted() error {
	if o.Interrupted == nil {
		return nil
	}
	return o.Interrupted()
}

// Open reads every source once, computes the checksums and with them the
// metadata, and returns a Stream at its start. The first source is the
// database, the others are index files. The sources must stay readable until
// the Stream is closed; closing them is the caller's work.
func Open(sources []Source, opt Options) (*Stream, error) {
	if opt.ChunkSize == 0 {
		opt.ChunkSize = DefaultChunkSize
	}
	now := time.Now().UnixMilli()
	m := &Metadata{
		Version:           Version,
		SnapshotID:        newID(now),
		CreatedAt:         now,
		ChunkSize:         opt.ChunkSize,
		ChecksumAlgorithm: ChecksumAlgorithm,
	}
	// What does not depend on the bytes is checked before they are read.
	if err := m.describe(sources); err != nil {
		return nil, err
	}
	for i := range sources {
		if sources[i].Reader == nil && sources[i].File.Size > 0 {
			return nil, fmt.Errorf("the source %s has no Reader, which must give its %d bytes", sources[i].File.Name, sources[i].File.Size)
		}
	}
	if err := checksums(sources, &opt); err != nil {
		return nil, err
	}
	if err := m.describe(sources); err != nil {
		return nil, err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode metadata: %w", err)
	}
	if len(text) > MaxMetadataSize {
		return nil, fmt.Errorf("metadata of %d files is %d bytes long, at most %d can be read back", len(m.Files), len(text), MaxMetadataSize)
	}
	return &Stream{meta: m, text: string(text), layout: newLayout(m), sources: sources, opt: opt, seq: -1, place: place{file: -1}}, nil
}

// describe makes m the record of these sources and validates it.
func (m *Metadata) describe(sources []Source) error {
	m.Files, m.TotalSize = nil, 0
	for i := range sources {
		m.Files = append(m.Files, sources[i].File)
		m.TotalSize += sources[i].File.Size
	}
	m.Checksum = combined(m.Files)
	return m.Validate()
}

func newID(now int64) string {
	return fmt.Sprintf("snap_%d_%s", now, randomHex()[:8])
}

// checksums fills in the sources' checksums. The database is read here and
// hashed on a second goroutine; the index files are read and hashed on a third
// at the same time.
func checksums(sources []Source, opt *Options) error {
	stop := make(chan struct{})
	var indexErr error
	indexes := start(func() {
		for i := 1; i < len(sources) && indexErr == nil; i++ {
			indexErr = checksumHere(&sources[i], stop)
		}
	})
	defer func() { // also where a Reader panics
		close(stop)
		indexes.wait()
	}()
	err := checksumAhead(&sources[0], opt)
	for err == nil {
		select {
		case <-indexes.done:
			return indexErr
		case <-time.After(20 * time.Millisecond):
			err = opt.interrupted()
		}
	}
	return err
}

// checksumAhead reads the next block while another goroutine hashes the last.
func checksumAhead(s *Source, opt *Options) error {
	h, sum := newHasher(), sha256.New()
	defer h.close()
	for off := int64(0); off < s.File.Size; off += blockSize {
		if err := opt.interrupted(); err != nil {
			return err
		}
		b := h.buffer()[:min(blockSize, s.File.Size-off)]
		if err := s.read(b, off); err != nil {
			return err
		}
		h.send(sum, b)
	}
	h.wait()
	sum.Sum(s.File.Checksum[:0])
	return nil
}

// checksumHere reads and hashes on this goroutine, until stop is closed.
func checksumHere(s *Source, stop <-chan struct{}) error {
	sum := sha256.New()
	if err := readAll(s, sum, 0, make([]byte, min(blockSize, s.File.Size)), stop); err != nil {
		return err
	}
	sum.Sum(s.File.Checksum[:0])
	return nil
}

// readAll hashes a source from an offset to its end.
func readAll(s *Source, sum hash.Hash, off int64, buf []byte, stop <-chan struct{}) error {
	for ; off < s.File.Size; off += int64(len(buf)) {
		select {
		case <-stop:
			return nil
		default:
		}
		b := buf[:min(int64(len(buf)), s.File.Size-off)]
		if err := s.read(b, off); err != nil {
			return err
		}
		sum.Write(b)
	}
	return nil
}
