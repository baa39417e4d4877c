package hnsw_test

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
)

// upperList gives where the size of the links of an element lies, which has at
// least so many levels.
func upperList(t testing.TB, b []byte, levels int) (at, element int) {
	t.Helper()
	for at = resizedUpper; element < 30; element++ {
		n := int(binary.LittleEndian.Uint32(b[at:]))
		if n >= levels*resizedList {
			return at, element
		}
		at += 4 + n
	}
	t.Fatalf("resized.idx has no element on level %d", levels)
	return 0, 0
}

// One row for each rule. Without a name the file is resized.idx.
func TestCheckRefuses(t *testing.T) {
	base := readIndex(t, "hnswlib/resized.idx")
	size := len(base)
	at1, on1 := upperList(t, base, 1)
	at2, on2 := upperList(t, base, 2)
	level2 := at2 + 4 + resizedList // the list of level 2
	const level0 = atElements + 7*resizedElement
	for _, c := range []struct {
		name   string
		file   string
		damage func([]byte) []byte
		want   string
	}{
		{"empty file", "", cut(0), "it has 0 bytes, its header alone has 96"},
		{"short header", "", cut(95), "it has 95 bytes, its header alone has 96"},
		{"offsetLevel0", "", put64(atOffsetLevel0, 8), "offsetLevel0 is 8, must be 0"},

		{"M is 0", "", put64(atM, 0), "M is 0, must be from 2 to 536870911"},
		{"M is 1", "", all(put64(atM, 1), put64(atMult, math.Float64bits(math.Inf(1)))), "M is 1, must be from 2 to 536870911"},
		{"M is huge", "", put64(atM, 1<<63), "M is 9223372036854775808, must be from 2 to 536870911"},
		{"maxM", "", put64(atMaxM, 4), "maxM is 4, must be M, which is 3"},
		{"maxM0", "", put64(atMaxM0, 7), "maxM0 is 7, must be 2 x M, which is 6"},
		{"data_offset", "", put64(atDataOffset, 12), "data_offset is 12, must be 4 x maxM0 + 4, which is 28"},
		{"label_offset is too small", "", put64(atLabelOffset, 27), "label_offset is 27, must be from data_offset, which is 28, to 2147483647"},
		{"label_offset is huge", "", all(put64(atLabelOffset, math.MaxUint64-7), put64(atSizePerElement, 0)),
			"label_offset is 18446744073709551608, must be from data_offset, which is 28, to 2147483647"},
		{"size_per_element", "", put64(atSizePerElement, 40), "size_per_element is 40, must be label_offset + 8, which is 44"},

		{"max_elements is huge", "", put64(atMaxElements, 1<<31), "max_elements is 2147483648, must be at most 2147483647"},
		{"max_elements and count are huge", "", all(put64(atMaxElements, math.MaxUint64), put64(atCount, math.MaxUint64)),
			"max_elements is 18446744073709551615, must be at most 2147483647"},
		{"count", "", put64(atCount, 65), "it has 65 elements, max_elements is 64"},
		{"count that the file has no room for", "", all(put64(atMaxElements, math.MaxInt32), put64(atCount, math.MaxInt32)),
			"it has 1744 bytes, its 2147483647 elements need at least 103079215152"},
		{"count and size that are the most", "", all(put64(atMaxElements, math.MaxInt32), put64(atCount, math.MaxInt32),
			put64(atLabelOffset, math.MaxInt32), put64(atSizePerElement, math.MaxInt32+8)),
			"it has 1744 bytes, its 2147483647 elements need at least 4611686039902224469"},
		{"mult is negative", "", put64(atMult, math.Float64bits(-mult3)), "mult is -0.9102392266268373" + multRule},
		{"mult is 0", "", put64(atMult, 0), "mult is 0" + multRule},
		{"mult is no number", "", put64(atMult, math.Float64bits(math.NaN())), "mult is NaN" + multRule},
		{"mult is infinite", "", put64(atMult, math.Float64bits(math.Inf(1))), "mult is +Inf" + multRule},
		{"mult is huge", "", put64(atMult, math.Float64bits(1e300)), "mult is 1e+300" + multRule},
		{"mult is a little more", "", put64(atMult, math.Float64bits(mult3*(1+2e-9))), "mult is 0.9102392284473158" + multRule},

		{"empty, but has a level", "hnswlib/empty.idx", put32(atMaxLevel, 0), "it has no elements, but max_level 0 and enterpoint 4294967295, must be -1 and 4294967295"},
		{"empty, but has an enterpoint", "hnswlib/empty.idx", put32(atEnterPoint, 0), "it has no elements, but max_level -1 and enterpoint 0, must be -1 and 4294967295"},
		{"empty, but goes on", "hnswlib/empty.idx", func(b []byte) []byte { return append(b, 0) }, "1 bytes follow the last element"},
		{"enterpoint", "", put32(atEnterPoint, 30), "enterpoint is 30, must be one of the 30 elements"},
		{"no enterpoint", "", put32(atEnterPoint, math.MaxUint32), "enterpoint is 4294967295, must be one of the 30 elements"},
		{"max_level is negative", "", put32(atMaxLevel, math.MaxUint32), "max_level is -1, must be from 0 to 255"},
		{"max_level is huge", "", put32(atMaxLevel, 256), "max_level is 256, must be from 0 to 255"},
		{"max_level is above the enterpoint", "", put32(atMaxLevel, 3), "the enterpoint, element 8, is on level 2, must be on max_level, which is 3"},
		{"the enterpoint is below max_level", "", put32(atEnterPoint, 7), "the enterpoint, element 7, is on level 0, must be on max_level, which is 2"},
		{"max_level is too low", "", put32(atMaxLevel, 1), "element 8 is on level 2, must be at most max_level, which is 1"},

		{"many links on level 0", "", put32(level0, 7), "element 7 has 7 links on level 0, must be at most 6"},
		{"a link on level 0", "", put32(level0+4, 30), "element 7 links to element 30 on level 0, there are 30 elements"},
		{"many links above", "", put32(at1+4, 4), "element 1 has 4 links on level 1, must be at most 3"},
		{"a link above", "", put32(at1+8, 30), "element 1 links to element 30 on level 1, there are 30 elements"},
		{"a link to a lower element", "", put32(at1+8, 7), "element 1 links to element 7 on level 1, which is on level 0 only"},
		{"a link on level 2 to a lower element", "", put32(level2+4, 1), "element 8 links to element 1 on level 2, which is on level 1 only"},

		{"links that are no whole list", "", put32(at1, resizedList-1), "the links of element 1 have 15 bytes, must be a multiple of 4 x maxM + 4, which is 16"},
		{"more lists than levels", "", put32(at1, 3*resizedList), "element 1 is on level 3, must be at most max_level, which is 2"},
		{"ends in an element", "", cut(resizedUpper - 1), "it has 1415 bytes, its 30 elements need at least 1536"},
		{"ends in a list", "", cut(size - 8), "the links of element 28 have 16 bytes, 12 are left in the file"},
		{"ends before the last element", "", cut(size - 4), "it ends before the links of element 29"},
		{"ends in the last size", "", cut(size - 1), "it ends before the links of element 29"},
		{"goes on", "", func(b []byte) []byte { return append(b, 1, 2, 3) }, "3 bytes follow the last element"},
	} {
		if c.file == "" {
			c.file = "hnswlib/resized.idx"
		}
		got, err := checkIndex(c.damage(readIndex(t, c.file)))
		want := "not an hnswlib index: " + c.want
		if err == nil || err.Error() != want || !errors.Is(err, fault.ErrIndexFile) || got != (hnsw.Info{}) {
			t.Errorf("%s: got %+v, %v\nwant %s", c.name, got, err, want)
		}
	}
	if on1 != 1 || on2 != 8 { // the elements that the sentences name
		t.Errorf("the first elements on levels 1 and 2: got %d and %d, want 1 and 8", on1, on2)
	}
}
