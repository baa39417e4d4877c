package wal_test

import (
	"testing"

	"github.com/vxsnap/vxsnap/snapshot/wal"
)

func TestParseIndex(t *testing.T) {
	for _, size := range []uint32{512, 4096, 32768, 65536} {
		h, ok := wal.ParseIndex(walIndex(size, 7, 9, 3, "saltsalt"))
		if !ok || h.PageSize != int64(size) || h.MxFrame != 7 || h.Pages != 9 || h.Backfill != 3 || string(h.Salt[:]) != "saltsalt" {
			t.Errorf("page size %d: got %+v, %t", size, h, ok)
		}
	}
	torn := walIndex(4096, 7, 9, 3, "saltsalt")
	torn[16]++
	empty := walIndex(4096, 7, 9, 3, "saltsalt")
	empty[12], empty[60] = 0, 0
	for name, b := range map[string][]byte{"torn": torn, "not initialised": empty, "short": torn[:99]} {
		if _, ok := wal.ParseIndex(b); ok {
			t.Errorf("%s: accepted", name)
		}
	}
	before, _ := wal.ParseIndex(walIndex(4096, 7, 9, 3, "saltsalt"))
	same, _ := wal.ParseIndex(walIndex(4096, 7, 9, 5, "saltsalt"))
	later, _ := wal.ParseIndex(walIndex(4096, 8, 9, 5, "saltsalt"))
	if !before.SameCommit(&same) || before.SameCommit(&later) {
		t.Error("a checkpoint is no commit, another frame is")
	}
}
