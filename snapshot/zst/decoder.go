package zst

import (
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A Decoder reads frames of which each must be alone. As many goroutines may use it as a
// pool has; it has none of its own, and nothing is to be closed.
type Decoder struct{ dec *zstd.Decoder }

// Slack is the largest block of a frame, in bytes. A frame that holds more must say how
// much.
const Slack = 128 << 10

// NewDecoder makes a Decoder.
func NewDecoder() *Decoder { return &Decoder{newDecoder()} }

// Fill fills all of dst with what a frame holds. It is an error wrapping
// fault.ErrDamaged if that is not exactly one frame, or holds more or less. What is
// behind dst, up to its capacity and Slack bytes at most, may be written to: with as many there a
// frame of more than Slack bytes takes no other memory, whatever it says, because one that
// holds more than it says is found out when a block of it is there.
func (d *Decoder) Fill(dst, frame []byte) error {
	h, err := header(frame)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fault.Damaged("the header of the zstd frame is cut")
	case err != nil:
		return err
	case h.Skippable:
		return fault.Damaged("the zstd frame is one to be skipped, must hold bytes")
	}
	switch n, whole := length(frame, &h); {
	case !whole:
		return fault.Damaged("the zstd frame is cut")
	case n < len(frame):
		return fault.Damaged("%d bytes follow the zstd frame", len(frame)-n)
	}
	switch {
	case h.HasFCS && h.FrameContentSize != uint64(len(dst)):
		return fault.Damaged("the zstd frame holds %d bytes, must hold %d", h.FrameContentSize, len(dst))
	case !h.HasFCS && len(dst) > Slack:
		return fault.Damaged("the zstd frame does not say how many bytes it holds, must say %d", len(dst))
	}
	got, err := d.dec.DecodeAll(frame, dst[:0:min(cap(dst), len(dst)+Slack)])
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrFrameSizeExceeded), len(got) > len(dst):
		return fault.Damaged("the zstd frame holds more than %d bytes", len(dst))
	case err != nil:
		return fault.Damaged("the zstd frame is damaged: %v", err)
	}
	if len(got) != len(dst) {
		return fault.Damaged("the zstd frame holds %d bytes, must hold %d", len(got), len(dst))
	}
	return nil
}
