package vectorlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// part is an index file of a snapshot, with vectors of 4 bytes.
func part(name, table string) snapshot.Part {
	image := testkit.IndexImage(1, 3)
	return snapshot.Part{
		File:     &snapshot.File{Name: name, Table: table, Size: int64(len(image))},
		ReaderAt: bytes.NewReader(image),
	}
}

// at declares a table with an index at a path.
func at(name, path string) vectorlite.SchemaRow {
	return vectorlite.SchemaRow{Name: name, SQL: `CREATE VIRTUAL TABLE "` + name + `" USING vectorlite(v float32[1], h(), '` + path + `')`}
}

// Where the index of each table is after a restore into /out: in its file of the
// snapshot, or in a new file that is not one of the snapshot's.
func TestRelocateNames(t *testing.T) {
	for _, c := range []struct {
		name   string
		schema []vectorlite.SchemaRow
		files  []snapshot.Part
		want   string
	}{
		{"nothing", nil, nil, ""},
		{"a table of another kind", []vectorlite.SchemaRow{{Name: "t", SQL: "CREATE TABLE t(a)"}, {Name: "i"}}, nil, ""},
		{"a file", []vectorlite.SchemaRow{at("a", "/live/a")}, []snapshot.Part{part("x.idx", "a")}, "a=x.idx"},
		{"no file", []vectorlite.SchemaRow{at("a", "/live/a"), at("b", "/live/b")}, nil, "a=index_0.idx b=index_1.idx"},
		{"no file for one", []vectorlite.SchemaRow{at("a", "/live/a"), at("b", "/live/b")}, []snapshot.Part{part("index_0.idx", "a")}, "a=index_0.idx b=index_1.idx"},
		{"a table without a path has no place", []vectorlite.SchemaRow{
			{Name: "m", SQL: "CREATE VIRTUAL TABLE m USING vectorlite(v float32[1], h())"}, at("b", "/live/b"),
		}, nil, "b=index_0.idx"},
		{"a place that a file has", []vectorlite.SchemaRow{at("a", "/live/a"), at("b", "/live/b"), at("c", "/live/c")},
			[]snapshot.Part{part("index_0.idx", "c")}, "a=index_1.idx b=index_2.idx c=index_0.idx"},
		{"places that files have, one in capitals", []vectorlite.SchemaRow{at("a", "/live/a"), at("b", "/live/b"), at("c", "/live/c"), at("d", "/live/d")},
			[]snapshot.Part{part("INDEX_0.IDX", "b"), part("index_1.idx", "d")}, "a=index_2.idx b=INDEX_0.IDX c=index_3.idx d=index_1.idx"},
		{"a name in capitals", []vectorlite.SchemaRow{at("Docs", "/live/a")}, []snapshot.Part{part("x.idx", "dOCS")}, "Docs=x.idx"},
		{"names that differ outside ASCII", []vectorlite.SchemaRow{at("é", "/live/a"), at("É", "/live/b"), at("ſ", "/live/c"), at("s", "/live/d")},
			[]snapshot.Part{part("small.idx", "é"), part("large.idx", "É"), part("long.idx", "ſ")}, "é=small.idx É=large.idx ſ=long.idx s=index_3.idx"},
		{"names that are not UTF-8", []vectorlite.SchemaRow{at("\xff", "/live/a"), at("\xfe", "/live/b")}, nil, "\xff=index_0.idx \xfe=index_1.idx"},
		{"the module in capitals", []vectorlite.SchemaRow{{Name: "t", SQL: "create virtual table t using [VectorLite](v, h, x)"}}, nil, "t=index_0.idx"},
		{"paths that vectorlite takes for files", []vectorlite.SchemaRow{at("m", ":memory:"), at("a", "/live/a"), at("e", "")}, nil, "a=index_0.idx m=index_1.idx e=index_2.idx"},
	} {
		for i := range c.schema {
			c.schema[i].RowID = int64(i)
		}
		changed, err := vectorlite.Relocate(c.schema, "/out", c.files)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var got []string
		for _, row := range changed {
			table, ok, err := vectorlite.ParseTable(row.Name, row.SQL)
			file, below := strings.CutPrefix(table.Path, "/out/")
			if !ok || err != nil || !below || c.schema[row.RowID].Name != row.Name {
				t.Errorf("%s: got %+v, %v", c.name, row, err)
			}
			got = append(got, row.Name+"="+file)
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// What somebody sent can be wrong in these ways.
func TestRelocateRefuses(t *testing.T) {
	const undeclared = "damaged snapshot: the metadata names table 'v', which the database does not declare with vectorlite and a path"
	v := at("v", "/live/v.idx")
	sql := func(text string) []vectorlite.SchemaRow { return []vectorlite.SchemaRow{{Name: "v", SQL: text}} }
	for _, c := range []struct {
		name   string
		schema []vectorlite.SchemaRow
		files  []snapshot.Part
		is     error
		want   string
	}{
		{"another table", sql("CREATE TABLE v(a, b, c)"), []snapshot.Part{part("x", "v")}, fault.ErrDamaged, undeclared},
		{"another module", sql("CREATE VIRTUAL TABLE v USING fts5(a, b, c)"), []snapshot.Part{part("x", "v")}, fault.ErrDamaged, undeclared},
		{"no table", nil, []snapshot.Part{part("x", "v")}, fault.ErrDamaged, undeclared},
		{"no path", sql("CREATE VIRTUAL TABLE v USING vectorlite(e float32[1], h())"), []snapshot.Part{part("x", "v")}, fault.ErrDamaged, undeclared},
		{"other vectors", sql("CREATE VIRTUAL TABLE v USING vectorlite(e float32[3], h(), '/live/v.idx')"), []snapshot.Part{part("x", "v")}, fault.ErrIndexFile,
			"the index of table 'v' has vectors of 4 bytes, the table declares 12"},
		{"vectors that overflow", sql("CREATE VIRTUAL TABLE v USING vectorlite(e float32[4611686018427387905], h(), '/live/v.idx')"), []snapshot.Part{part("x", "v")}, fault.ErrDamaged,
			"damaged snapshot: table 'v': its vectors have '4611686018427387905' numbers, must be from 1 to 536870911; drop the table and declare it anew"},
		{"a declaration that ends early", sql("CREATE VIRTUAL TABLE v USING vectorlite(e"), nil, fault.ErrDamaged,
			"damaged snapshot: table 'v': cannot read its declaration 'CREATE VIRTUAL TABLE v USING vectorlite(e': a parenthesis or a quote is not closed"},
		{"a keyword that is none for SQLite", sql("CREATE VIRTUAL TABLE v U\u017fING vectorlite(e, h, '/live')"), nil, fault.ErrDamaged,
			"damaged snapshot: table 'v': cannot read its declaration 'CREATE VIRTUAL TABLE v U\u017fING vectorlite(e, h, ''/live'')'"},
		{"two tables", []vectorlite.SchemaRow{v, at("V", "/live/w.idx")}, nil, fault.ErrDamaged, "damaged snapshot: the database declares table 'V' twice"},
		{"two files", []vectorlite.SchemaRow{v}, []snapshot.Part{part("x", "v"), part("y", "V")}, fault.ErrDamaged,
			"damaged snapshot: the metadata lists x and y for table 'v', which has one index file"},
	} {
		got, err := vectorlite.Relocate(c.schema, "/out", c.files)
		if err == nil || err.Error() != c.want || !errors.Is(err, c.is) || got != nil {
			t.Errorf("%s: got %v, %v\nwant %s", c.name, got, err, c.want)
		}
	}
}

func TestCheckDirectory(t *testing.T) {
	for _, c := range []struct {
		directory string
		ok        bool
	}{
		{"/srv/restored", true}, {"/it's", true}, {`/5"`, true}, {`/it's 5"`, false}, {"/a\x00b", false},
	} {
		err := vectorlite.CheckDirectory(c.directory)
		if (err == nil) != c.ok || err != nil && (!errors.Is(err, fault.ErrTarget) || !isOneLine(err.Error())) {
			t.Errorf("%q: got %v, want ok: %t", c.directory, err, c.ok)
		}
		// It is what WithPath says of a file there, said earlier.
		if _, late := vectorlite.WithPath(at("t", "x").SQL, c.directory+"/index_0.idx"); (late == nil) != c.ok {
			t.Errorf("%q: WithPath: %v", c.directory, late)
		}
	}
}

// Thousands of tables, and as many files that have their names, take no time.
func TestRelocateManyTables(t *testing.T) {
	const n = 20000
	var schema []vectorlite.SchemaRow
	var files []snapshot.Part
	for i := range 2 * n {
		schema = append(schema, at(fmt.Sprint("t", i), "/live"))
		if i >= n {
			files = append(files, part(fmt.Sprintf("index_%d.idx", i-n), fmt.Sprint("t", i)))
		}
	}
	changed, err := vectorlite.Relocate(schema, "/out", files)
	if err != nil || len(changed) != 2*n || !strings.HasSuffix(changed[0].SQL, "'/out/index_20000.idx')") {
		t.Errorf("got %d rows, the first %v, %v", len(changed), changed[0], err)
	}
}
