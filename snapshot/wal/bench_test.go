package wal_test

import (
	"bytes"
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
	view, err := wal.NewView(bytes.NewReader(make([]byte, size*pages)), bytes.NewReader(log), &h, never)
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
