package snapshot

import (
	"crypto/sha256"
	"fmt"

	"github.com/vxsnap/vxsnap/internal/pool"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// A gathered block has chunks in the order in which they came: a megabyte of them, when
// they are decompressed, or one that is larger.
type gathered struct {
	pool.Job
	buf     []byte // as they came
	chunks  []gatheredChunk
	length  int64 // of all when they are decompressed, in bytes
	packed  bool  // some are compressed
	digests []Checksum
	err     error
}

type gatheredChunk struct {
	seq         int64
	file        int
	offset      int64
	length      int // in the file, in bytes
	start, stop int // in buf
}

// take notes a chunk whose data lie in buf, from start on.
func (b *gathered) take(seq int64, p *place, data []byte, start int) {
	b.chunks = append(b.chunks, gatheredChunk{seq, p.file, p.offset, int(p.length), start, start + len(data)})
	b.length += p.length
	b.packed = b.packed || int64(len(data)) < p.length
}

func (b *gathered) reset() {
	b.buf, b.chunks, b.digests, b.length, b.packed = b.buf[:0], b.chunks[:0], b.digests[:0], 0, false
}

// work hashes the chunks and keeps each run of those that follow each other.
func (b *gathered) work(g *gatherer) error {
	bytes := b.buf
	if b.packed {
		memory := &g.large
		if b.length <= blockSize {
			own := <-g.plain
			defer func() { g.plain <- own }()
			memory = &own
		}
		if n := int(b.length) + zst.Slack; cap(*memory) < n {
			*memory = make([]byte, n)
		}
		*memory = (*memory)[:b.length]
		if err := b.unpack(*memory, g); err != nil {
			return err
		}
		bytes = *memory
	}
	at := 0
	for i := range b.chunks {
		n := b.chunks[i].length
		b.digests = append(b.digests, sha256.Sum256(bytes[at:at+n]))
		at += n
	}
	for i := 0; i < len(b.chunks); {
		first := &b.chunks[i]
		n := first.length
		for i++; i < len(b.chunks) && b.chunks[i].file == first.file && b.chunks[i].offset == first.offset+int64(n); i++ {
			n += b.chunks[i].length
		}
		if err := g.keep(first.file, first.offset, bytes[:n]); err != nil {
			return err
		}
		bytes = bytes[n:]
	}
	return nil
}

// unpack decompresses the chunks, those that are, into memory for all of them.
func (b *gathered) unpack(memory []byte, g *gatherer) error {
	for i := range b.chunks {
		c := &b.chunks[i]
		plain := memory[:c.length]
		memory = memory[c.length:]
		data := b.buf[c.start:c.stop]
		if len(data) == len(plain) {
			copy(plain, data)
			continue
		}
		if err := g.decoder.Fill(plain, data); err != nil {
			return fmt.Errorf("%s: row with seq %d: %w", g.layout.files[c.file].Name, c.seq, err)
		}
	}
	return nil
}
