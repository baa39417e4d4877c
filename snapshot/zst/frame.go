package zst

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A frame is a header, blocks, of which each says how long it is and the last one that it
// is that, and perhaps a checksum of four bytes.
const (
	blockHeader = 3
	checksum    = 4
)

// header reads the header of a frame, which may be one to be skipped. Its error is
// io.ErrUnexpectedEOF where that is cut, or wraps fault.ErrDamaged.
func header(b []byte) (h zstd.Header, err error) {
	switch err := h.Decode(b); {
	case errors.Is(err, zstd.ErrMagicMismatch):
		return h, fault.Damaged("there is no zstd frame")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return h, err
	case err != nil:
		return h, fault.Damaged("the header of a zstd frame is damaged: %v", err)
	case h.DictionaryID != 0:
		return h, fault.Damaged("a zstd frame needs the dictionary %d, must need none", h.DictionaryID)
	}
	return h, nil
}

// block reads the header of a block: how long what follows is, in bytes, and whether it is
// the last of the frame.
func block(b []byte) (length int, last bool) {
	bits := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
	const repeated = 1 // one byte, so many times
	if length = bits >> 3; bits>>1&3 == repeated {
		length = 1
	}
	return length, bits&1 == 1
}

// length is how long the frame is that b begins with, in bytes, if it is whole.
func length(b []byte, h *zstd.Header) (n int, whole bool) {
	n = h.HeaderSize
	for last := false; !last; {
		if len(b) < n+blockHeader {
			return 0, false
		}
		var body int
		body, last = block(b[n:])
		n += blockHeader + body
	}
	if h.HasCheckSum {
		n += checksum
	}
	return n, n <= len(b)
}

// The numbers that frames begin with, little-endian; the last digit of the second does
// not count.
const (
	magic          = 0xFD2FB528
	magicSkippable = 0x184D2A50
)

// IsFrame reports whether b begins as a frame that holds bytes.
func IsFrame(b []byte) bool { return len(b) >= 4 && binary.LittleEndian.Uint32(b) == magic }

// IsStream reports whether b begins as a stream of frames, of which the first may be one
// to be skipped.
func IsStream(b []byte) bool {
	return IsFrame(b) || len(b) >= 4 && binary.LittleEndian.Uint32(b)&^0xF == magicSkippable
}
