// Package zst compresses and decompresses with zstd (RFC 8878,
// https://www.rfc-editor.org/rfc/rfc8878), on several goroutines: frames of a size that
// is known, each of which one goroutine makes or reads. The coding is that of
// github.com/klauspost/compress; what may be read, and how much memory that takes, is
// decided here.
//
// encoder.go makes frames, frame.go finds where one ends, decoder.go reads one that must
// be alone, reader.go a stream of them. Read frame.go next.
package zst

import (
	"github.com/klauspost/compress/zstd"

	"github.com/vxsnap/vxsnap/internal/pool"
)

// FrameSize is how much a frame of a stream holds that an Encoder's user should make,
// in bytes: larger ones are smaller by 2 % at most and leave less to do side by side.
const FrameSize = 2 << 20

// MaxWindow is the largest window that a Reader lets a frame ask for, in bytes. It is what
// RFC 8878 wants every decoder to give, and what zstd itself asks for up to level 19.
const MaxWindow = 8 << 20

// maxFrame is the largest frame that a Reader reads whole, in bytes of what it holds.
const maxFrame = 2 * FrameSize

// must is for options that are constants.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// newDecoder makes a decoder of whole frames, for as many goroutines as a pool has: it
// writes into the memory that it is given, which is its window, and starts none.
func newDecoder() *zstd.Decoder {
	return must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(pool.Workers()), zstd.WithDecodeAllCapLimit(true)))
}
