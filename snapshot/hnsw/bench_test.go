package hnsw_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
)

func BenchmarkCheck(b *testing.B) {
	for _, c := range []struct {
		name          string
		dim, elements int
	}{
		{"dim=8", 8, 400_000},
		{"dim=128", 128, 100_000},
		{"dim=1536", 1536, 10_000},
	} {
		b.Run(c.name, func(b *testing.B) {
			image := linkedImage(c.elements, c.dim)
			b.SetBytes(int64(len(image)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := checkIndex(image); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// linkedImage is an index with M = 16 in which every list on level 0 is full,
// and every 16th element is on level 1.
func linkedImage(elements, dim int) []byte {
	const m = 16
	dataOffset := 4*2*m + 4
	labelOffset := dataOffset + 4*dim
	le := binary.LittleEndian
	var b []byte
	for _, v := range []int{0, elements, elements, labelOffset + 8, labelOffset, dataOffset} {
		b = le.AppendUint64(b, uint64(v))
	}
	b = le.AppendUint64(b, 1) // max_level 1, enterpoint 0
	for _, v := range []uint64{m, 2 * m, m, math.Float64bits(1 / math.Log(m)), 200} {
		b = le.AppendUint64(b, v)
	}
	pick := rand.New(rand.NewPCG(1, 1))
	vector := make([]byte, 4*dim)
	for id := range elements {
		b = le.AppendUint32(b, 2*m)
		for range 2 * m {
			b = le.AppendUint32(b, uint32(pick.IntN(elements)))
		}
		b = append(b, vector...)
		b = le.AppendUint64(b, uint64(id))
	}
	for id := range elements {
		if id%m != 0 {
			b = le.AppendUint32(b, 0)
			continue
		}
		b = le.AppendUint32(b, 4+4*m)
		b = le.AppendUint32(b, m)
		for range m {
			b = le.AppendUint32(b, uint32(pick.IntN(elements)/m*m))
		}
	}
	return b
}
