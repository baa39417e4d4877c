package wal_test

import (
	"bytes"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot/wal"
)

func FuzzView(f *testing.F) {
	f.Add(walIndex(512, 1, 2, 0, "saltsalt"), append(make([]byte, 32), frame(2, "saltsalt", make([]byte, 512))...), make([]byte, 512))
	f.Fuzz(func(t *testing.T, index, log, database []byte) {
		h, ok := wal.ParseIndex(index)
		if !ok || h.PageSize < 512 {
			return
		}
		view, err := wal.NewView(bytes.NewReader(database), bytes.NewReader(log), &h, never)
		if err != nil {
			return
		}
		got := make([]byte, 4096)
		for off := int64(0); off < int64(h.Pages)*h.PageSize && off < 1<<16; off += 1000 {
			_, _ = view.ReadAt(got, off)
		}
	})
}
