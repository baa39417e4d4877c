package snapshot

import "github.com/vxsnap/vxsnap/snapshot/zst"

// A Compression says what of a snapshot is compressed while it is hashed. How bytes travel
// is no part of the snapshot: its metadata and its checksums are the same.
type Compression int

// The kinds of compression; zstd is the only way.
const (
	CompressNothing Compression = iota
	CompressChunks              // the data of each row, where that makes it shorter
	CompressBlocks              // the tar stream of Stream.Tar, some chunks at a time
)

// A packing is what a block is compressed to. There is no memory for what is not asked
// for.
type packing struct {
	room   Block    // for the frames of chunks
	chunks [][]byte // each in room, or nil where its frame is not shorter

	frame []byte // of the whole block
}

// roomFor is how much memory there is for the frames of so many bytes: a little more, so
// that one which turns out to be no shorter is made there too.
func roomFor(size int64) int64 { return size + size>>14 + 64 }

// packChunks compresses each chunk of bytes alone. A frame is kept where it is shorter
// than its chunk, so that there is room for all of them, and lies in room: SQLite is told
// of it by its address. Those that are the same as a base's do not go out, and have none.
func (p *packing) packChunks(bytes []byte, chunkSize int64, encoder *zst.Encoder, same []bool) {
	p.chunks = p.chunks[:0]
	for room := p.room.Bytes(); len(bytes) > 0; {
		n := int(min(chunkSize, int64(len(bytes))))
		var frame []byte
		if i := len(p.chunks); i >= len(same) || !same[i] {
			frame = encoder.Append(room[:0], bytes[:n])
		}
		if frame != nil && len(frame) < n {
			copy(room, frame) // the encoder took other memory where it saw the end of this
			frame, room = room[:len(frame):len(frame)], room[len(frame):]
		} else {
			frame = nil
		}
		p.chunks = append(p.chunks, frame)
		bytes = bytes[n:]
	}
}

// packed is the i-th chunk's frame, nil if it is plain.
func (p *packing) packed(i int64) []byte {
	if i < int64(len(p.chunks)) {
		return p.chunks[i]
	}
	return nil
}
