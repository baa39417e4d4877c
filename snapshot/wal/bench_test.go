package wal_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot/wal"
)

func BenchmarkView(b *testing.B) {
	const size, pages = 4096, 1 << 14
	log := make([]byte, 32)
	for i := range 1000 {
		log = append(log, frame(uint32(i*16+1), "saltsalt", noise(1, size))...)
	}
	h, _ := wal.ParseIndex(walIndex(size, 1000, pages, 0, "saltsalt"))
	view, err := wal.NewView(bytes.NewReader(make([]byte, size*pages)), bytes.NewReader(log), &h, regionsOf(&log, size), never)
	if err != nil {
		b.Fatal(err)
	}
	block := make([]byte, 1<<20)
	b.SetBytes(size * pages)
	for b.Loop() {
		for off := int64(0); off < size*pages; off += int64(len(block)) {
			if _, err := view.ReadAt(block, off); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// The list of a WAL of 1 GB, whose pages are in no order.
func BenchmarkNewView(b *testing.B) {
	const frames, pages = 1 << 18, 1 << 17
	at := rand.New(rand.NewPCG(1, 2))
	numbers := make([]byte, 4*(frames+34))
	for i := range frames {
		binary.NativeEndian.PutUint32(numbers[4*(i+34):], uint32(at.IntN(pages)+1))
	}
	regions := func(p []byte, region, offset int) error {
		copy(p, numbers[region*16384+offset:])
		return nil
	}
	h, _ := wal.ParseIndex(walIndex(4096, frames, pages, 0, "saltsalt"))
	log := everyFrame{numbers}
	for b.Loop() {
		if _, err := wal.NewView(log, log, &h, regions, never); err != nil {
			b.Fatal(err)
		}
	}
}

// everyFrame is a WAL of which headers are read only.
type everyFrame struct{ numbers []byte }

func (e everyFrame) ReadAt(p []byte, off int64) (int, error) {
	i := (off - 32) / (24 + 4096)
	return copy(p, frame(binary.NativeEndian.Uint32(e.numbers[4*(i+34):]), "saltsalt", nil)), nil
}
