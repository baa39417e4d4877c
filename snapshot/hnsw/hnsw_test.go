package hnsw_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
)

func readIndex(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func checkIndex(b []byte) (hnsw.Info, error) {
	return hnsw.Check(bytes.NewReader(b), int64(len(b)))
}

var indexFiles = []struct {
	name string
	want hnsw.Info
}{
	{"hnswlib/empty.idx", hnsw.Info{Elements: 0, MaxElements: 10, VectorSize: 16}},
	{"hnswlib/one.idx", hnsw.Info{Elements: 1, MaxElements: 10, VectorSize: 16}},
	{"hnswlib/levels.idx", hnsw.Info{Elements: 500, MaxElements: 500, VectorSize: 16}},
	{"hnswlib/deleted.idx", hnsw.Info{Elements: 40, MaxElements: 40, VectorSize: 16}},
	{"hnswlib/resized.idx", hnsw.Info{Elements: 30, MaxElements: 64, VectorSize: 8}},
	{"vectorlite/docs.idx", hnsw.Info{Elements: 30, MaxElements: 100, VectorSize: 16}},
}

func TestCheckAccepts(t *testing.T) {
	for _, c := range indexFiles {
		if got, err := checkIndex(readIndex(t, c.name)); got != c.want || err != nil {
			t.Errorf("%s: got %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
}

// What the file may say without harm: a delete mark, unused links, the bytes of
// vectors and labels.
func TestCheckAllows(t *testing.T) {
	const list = atElements + 7*resizedElement
	for _, c := range []struct {
		name   string
		damage func([]byte) []byte
	}{
		{"a delete mark", func(b []byte) []byte { b[list+2] ^= 1; return b }},
		{"no links", put32(list, 0)},
		{"a link that does not count", all(put32(list, 1), put32(list+8, math.MaxUint32))},
		{"a vector", put64(list+4+4*6, math.MaxUint64)},
		{"a label", put64(list+4+4*6+8, math.MaxUint64)},
		{"mult of another logarithm", put64(atMult, math.Float64bits(mult3*(1+5e-10)))},
		{"ef_construction", put64(atEfConstruction, math.MaxUint64)},
		{"max_elements", put64(atMaxElements, math.MaxInt32)},
	} {
		if _, err := checkIndex(c.damage(readIndex(t, "hnswlib/resized.idx"))); err != nil {
			t.Errorf("%s: got %v, want no error", c.name, err)
		}
	}
}

// An error of the reader is not the fault of the file, wherever it comes.
func TestCheckReadErrors(t *testing.T) {
	b := readIndex(t, "hnswlib/resized.idx")
	cause := errors.New("no luck")
	for at := range len(b) {
		r := &untilReader{b, at, cause}
		if _, err := hnsw.Check(r, int64(len(b))); !errors.Is(err, cause) || errors.Is(err, fault.ErrIndexFile) {
			t.Fatalf("an error at byte %d: got %v, want %v", at, err, cause)
		}
		r.err = io.EOF // the file became shorter
		if _, err := hnsw.Check(r, int64(len(b))); err == nil || errors.Is(err, fault.ErrIndexFile) {
			t.Fatalf("the end at byte %d: got %v, want an error of the reader", at, err)
		}
	}
}

// An untilReader reads b up to a byte, and then fails.
type untilReader struct {
	b   []byte
	at  int
	err error
}

func (r *untilReader) ReadAt(p []byte, off int64) (int, error) {
	n := copy(p, r.b[min(off, int64(r.at)):r.at])
	if n < len(p) {
		return n, r.err
	}
	return n, nil
}
