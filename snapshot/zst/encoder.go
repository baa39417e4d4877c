package zst

import (
	"github.com/klauspost/compress/zstd"

	"github.com/vxsnap/vxsnap/internal/pool"
)

// An Encoder makes frames. As many goroutines may use it as a pool has; it has none
// of its own, and nothing is to be closed.
type Encoder struct{ enc *zstd.Encoder }

// NewEncoder makes an Encoder. With checksum a frame has one of what it holds, so that
// it can be checked alone.
func NewEncoder(checksum bool) *Encoder {
	return &Encoder{must(zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(FrameSize), zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderConcurrency(pool.Workers()), zstd.WithEncoderCRC(checksum), zstd.WithZeroFrames(true)))}
}

// Append appends to dst one frame that holds plain.
func (e *Encoder) Append(dst, plain []byte) []byte { return e.enc.EncodeAll(plain, dst) }
