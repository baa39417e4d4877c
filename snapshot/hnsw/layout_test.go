package hnsw_test

import (
	"encoding/binary"
)

// Places in the header, in bytes.
const (
	atOffsetLevel0 = 8 * iota
	atMaxElements
	atCount
	atSizePerElement
	atLabelOffset
	atDataOffset
	atMaxLevel // 4 bytes, and
	atMaxM     // 4 bytes of the enterpoint before it
	atMaxM0
	atM
	atMult
	atEfConstruction
	atElements
	atEnterPoint = atMaxLevel + 4
)

// Of resized.idx: M is 3, vectors have 8 bytes, 30 elements.
const (
	resizedElement = 4 + 4*6 + 8 + 8
	resizedUpper   = atElements + 30*resizedElement
	resizedList    = 4 + 4*3
)

// mult3 is what hnswlib writes for M = 3.
const (
	mult3    = 0.9102392266268373
	multRule = ", must be 1/ln(M), which is 0.910239227"
)

func put32(at int, v uint32) func([]byte) []byte {
	return func(b []byte) []byte { binary.LittleEndian.PutUint32(b[at:], v); return b }
}

func put64(at int, v uint64) func([]byte) []byte {
	return func(b []byte) []byte { binary.LittleEndian.PutUint64(b[at:], v); return b }
}

func cut(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:n] } }

func all(damage ...func([]byte) []byte) func([]byte) []byte {
	return func(b []byte) []byte {
		for _, d := range damage {
			b = d(b)
		}
		return b
	}
}
