package wal_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/wal"
)

func FuzzView(f *testing.F) {
	index := walIndex(512, 1, 2, 0, "saltsalt")
	index = binary.NativeEndian.AppendUint32(index, 2)
	f.Add(index, append(make([]byte, 32), frame(2, "saltsalt", make([]byte, 512))...), make([]byte, 512))
	f.Fuzz(func(t *testing.T, index, log, database []byte) {
		h, ok := wal.ParseIndex(index)
		if !ok || h.PageSize < 512 {
			return
		}
		regions := func(p []byte, region, offset int) error {
			return fault.ReadFull(bytes.NewReader(index), p, int64(region)<<15+int64(offset))
		}
		view, err := wal.NewView(bytes.NewReader(database), bytes.NewReader(log), &h, regions, never)
		if err != nil {
			return
		}
		got := make([]byte, 4096)
		for off := int64(0); off < int64(h.Pages)*h.PageSize && off < 1<<16; off += 1000 {
			_, _ = view.ReadAt(got, off)
		}
	})
}
