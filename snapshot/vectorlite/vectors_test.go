package vectorlite_test

import (
	"errors"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// The size of a vector is known where the first argument has the usual form.
func TestVectorSize(t *testing.T) {
	for _, c := range []struct {
		column string
		want   int64
	}{
		{"v float32[8]", 32},
		{"my_vector FLOAT32 [ 3 ] cosine", 12},
		{`"v" float16[8]`, 16},
		{"v bfloat16[384] l2", 768},
		{"v float32[000067108864]", 268435456},
		{"v float32[00000000000000000000000000000000000000008]", 32},
		{"v float32[536870911]", 2147483644},
		{"v bfloat16[1073741823]", 2147483646},
		{"v int8[8]", 0},
		{"v", 0},
	} {
		got, _, err := vectorlite.ParseTable("t", "CREATE VIRTUAL TABLE t USING vectorlite("+c.column+", hnsw(), 'x')")
		if got.VectorSize != c.want || err != nil {
			t.Errorf("%s: got %d, %v, want %d", c.column, got.VectorSize, err, c.want)
		}
	}
	for _, n := range []string{
		"0", "000", "536870912", "99999999999", "4611686018427387905", "18446744073709551615",
		"18446744073709551617", "00018446744073709551617", "36893488147419103233", "99999999999999999999999999",
	} {
		_, ok, err := vectorlite.ParseTable("t", "CREATE VIRTUAL TABLE t USING vectorlite(v float32["+n+"], hnsw(), 'x')")
		want := "table 't': its vectors have '" + n + "' numbers, must be from 1 to 536870911; drop the table and declare it anew"
		if ok || err == nil || err.Error() != want {
			t.Errorf("float32[%s]: got %t, %v, want %q", n, ok, err, want)
		}
	}
	table := vectorlite.Table{Name: "docs", VectorSize: 32}
	if err := table.CheckVectors(hnsw.Info{VectorSize: 32}); err != nil {
		t.Errorf("got %v for the same size", err)
	}
	err := table.CheckVectors(hnsw.Info{VectorSize: 16})
	if want := "the index of table 'docs' has vectors of 16 bytes, the table declares 32"; !errors.Is(err, fault.ErrIndexFile) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
