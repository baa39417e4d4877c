// Package testkit makes the files that tests of several rooms need: bytes, and the
// image of an index file; and says what checksum a file has, and what memory something
// takes. Tests alone import it.
// What an index file looks like is in snapshot/hnsw/header.go: read that next.
package testkit

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// Noise gives n bytes that depend on the seed alone.
func Noise(seed byte, n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b) // never fails
	return b
}

// IndexImage is an hnswlib index with one-dimensional vectors and no
// neighbours, M = 2: 96 bytes, then 36 for each element.
func IndexImage(seed byte, elements int) []byte {
	const m, dataOffset, labelOffset = 2, 4*2*2 + 4, 4*2*2 + 4 + 4
	level, enter := int32(0), uint32(0)
	if elements == 0 {
		level, enter = -1, 0xffffffff
	}
	b := new(bytes.Buffer)
	for _, v := range []any{
		uint64(0), uint64(elements + 10), uint64(elements), uint64(labelOffset + 8), uint64(labelOffset),
		uint64(dataOffset), level, enter, uint64(m), uint64(2 * m), uint64(m), 1 / math.Ln2, uint64(200),
	} {
		_ = binary.Write(b, binary.LittleEndian, v)
	}
	values := Noise(seed, 4*elements)
	for i := range elements {
		b.Write(make([]byte, dataOffset))
		b.Write(values[4*i : 4*i+4])
		_ = binary.Write(b, binary.LittleEndian, uint64(i))
	}
	b.Write(make([]byte, 4*elements))
	return b.Bytes()
}
