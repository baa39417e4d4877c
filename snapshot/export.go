package snapshot

import (
	"encoding/json"
	"fmt"
	"time"
)

// Options of an export.
type Options struct {
	ChunkSize int64 // bytes of a row's data, at most; 0 means DefaultChunkSize

	// Digests keeps the digest of every chunk for Manifest, 32 bytes each.
	Digests bool

	Compress Compression // what is compressed

	// Base, if not nil, is what the receiver has: chunks that it has at the same place have
	// no row. It must have the ChunkSize, and is not needed from the end row on.
	Base *Manifest

	// NewBlock allocates the memory that chunks lie in; nil means Go memory.
	NewBlock func(size int) Block

	// Interrupted is asked about every megabyte on the calling goroutine. Its
	// error ends the work and is returned.
	Interrupted func() error
}

func (o Options) withDefaults() Options {
	if o.ChunkSize == 0 {
		o.ChunkSize = DefaultChunkSize
	}
	o.NewBlock, o.Interrupted = orHeap(o.NewBlock), orNever(o.Interrupted)
	return o
}

// orNever is interrupted, or what never interrupts where that is nil.
func orNever(interrupted func() error) func() error {
	if interrupted == nil {
		return never
	}
	return interrupted
}

func never() error { return nil }

// Open makes the metadata of sources and returns a Stream that is before its first
// row; nothing is read yet. The databases are the last of the sources. They must stay
// readable until the Stream is closed; closing them is the caller's work.
func Open(sources []Source, opt Options) (*Stream, error) {
	opt = opt.withDefaults()
	now := time.Now().UnixMilli()
	m := &Metadata{
		Version:           Version,
		SnapshotID:        newID(now),
		CreatedAt:         now,
		ChunkSize:         opt.ChunkSize,
		ChecksumAlgorithm: ChecksumAlgorithm,
	}
	for i := range sources {
		m.Files = append(m.Files, sources[i].File)
		m.TotalSize += sources[i].File.Size
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	for i := range sources {
		if sources[i].Reader == nil && sources[i].File.Size > 0 {
			return nil, fmt.Errorf("the source %s has no Reader, which must give its %d bytes", sources[i].File.Name, sources[i].File.Size)
		}
	}
	if opt.Base != nil && opt.Base.ChunkSize != opt.ChunkSize {
		return nil, fmt.Errorf("the base has chunks of %d bytes, the snapshot of %d; pass chunk_size = %d", opt.Base.ChunkSize, opt.ChunkSize, opt.Base.ChunkSize)
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode metadata: %w", err)
	}
	if len(text) > MaxMetadataSize {
		return nil, fmt.Errorf("metadata of %d files is %d bytes long, at most %d can be read back", len(m.Files), len(text), MaxMetadataSize)
	}
	s := &Stream{meta: m, text: string(text), layout: newLayout(m)}
	s.row.Seq = -1
	s.window, s.folder = newWindow(s.layout, sources, &opt), newFolder(s.layout)
	if opt.Base != nil {
		s.increment = &increment{base: opt.Base, carried: newCarried()}
	}
	if opt.Digests {
		s.manifest, err = newManifest(m, s.layout, opt.NewBlock)
	}
	return s, err
}

func newID(now int64) string {
	return fmt.Sprintf("snap_%d_%s", now, randomHex()[:8])
}
