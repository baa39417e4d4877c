package vectorlite_test

import (
	"errors"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// The statement that is rewritten comes from a schema that somebody sent.
func TestRewriteRefuses(t *testing.T) {
	r := vectorlite.Relocation{Table: "v", Path: "/out/index_0.idx", Index: hnsw.Info{VectorSize: 8}}
	for _, c := range []struct {
		name, sql string
		is        error
		want      string
	}{
		{"another table", "CREATE TABLE v(a, b, c)", fault.ErrDamaged,
			"damaged snapshot: the metadata names table 'v', which the database does not declare with vectorlite"},
		{"no table", "", fault.ErrDamaged,
			"damaged snapshot: the metadata names table 'v', which the database does not declare with vectorlite"},
		{"other vectors", "CREATE VIRTUAL TABLE v USING vectorlite(e float32[3], hnsw(max_elements=10), '/live/v.idx')", fault.ErrIndexFile,
			"the index of table 'v' has vectors of 8 bytes, the table declares 12"},
	} {
		if got, err := r.Rewrite(c.sql); err == nil || err.Error() != c.want || !errors.Is(err, c.is) || got != "" {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}
