package hnsw_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// Every bit of a file, header and links included, is flipped: there is never a
// panic, nor more memory than a few times the file's size.
func TestCheckFlippedBits(t *testing.T) {
	for _, name := range []string{"hnswlib/empty.idx", "hnswlib/one.idx", "hnswlib/resized.idx", "vectorlite/docs.idx"} {
		b := readIndex(t, name)
		refused := 0
		for i := range 8 * len(b) {
			b[i/8] ^= 1 << (i % 8)
			err := checkBounded(t, b)
			b[i/8] ^= 1 << (i % 8)
			if err != nil && !errors.Is(err, fault.ErrIndexFile) {
				t.Fatalf("%s, bit %d: got %v, want ErrIndexFile", name, i, err)
			}
			if err != nil {
				refused++
			}
		}
		// Of the header, half of max_elements, ef_construction and the last bits of
		// mult are free.
		if least := 8 * (atElements - 4 - 8 - 4); refused < least {
			t.Errorf("%s: %d flipped bits were refused, want at least %d", name, refused, least)
		}
	}
}

// checkBounded is checkIndex with a bound on what is allocated.
func checkBounded(t testing.TB, b []byte) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := checkIndex(b)
	runtime.ReadMemStats(&after)
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(8*len(b)+16<<10); got > most {
		t.Errorf("a file of %d bytes: allocated %d bytes, want at most %d", len(b), got, most)
	}
	return err
}

func FuzzCheck(f *testing.F) {
	for _, c := range indexFiles {
		f.Add(readIndex(f, c.name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := checkIndex(b)
		if err != nil {
			if !errors.Is(err, fault.ErrIndexFile) || !isOneLine(err.Error()) {
				t.Errorf("got %v, want one line that wraps ErrIndexFile", err)
			}
			return
		}
		if got.Elements < 0 || got.Elements > got.MaxElements || got.Elements > int64(len(b)) {
			t.Errorf("%d bytes: got %+v", len(b), got)
		}
		// No shorter file is one, and no longer one.
		if _, err := checkIndex(b[:len(b)-1]); err == nil {
			t.Error("a byte less is accepted too")
		}
		if _, err := checkIndex(append(b[:len(b):len(b)], 0)); err == nil {
			t.Error("a byte more is accepted too")
		}
	})
}

func isOneLine(s string) bool { return s != "" && !strings.ContainsAny(s, "\n\r") }
