package vectorlite_test

import (
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

func TestParseTable(t *testing.T) {
	const table = "CREATE VIRTUAL TABLE t USING vectorlite"
	for _, c := range []struct{ sql, want string }{
		{table, ""},
		{table + "()", ""},
		{table + "(v float32[8])", ""},
		{table + "(v float32[8], hnsw(max_elements=10))", ""},
		{table + "(v float32[8], hnsw(max_elements=10), '/srv/docs.idx')", "/srv/docs.idx"},
		{table + "(v float32[8], hnsw(max_elements=10, M=8), '/a b/x,(1).idx')", "/a b/x,(1).idx"},
		{table + "(v, h, '/x', 4)", "/x"},

		// One pair of outer quotes, ' or ", and nothing else is dropped.
		{table + `(v, h, "/x.idx")`, "/x.idx"},
		{table + `(v, h, "/it's.idx")`, "/it's.idx"},
		{table + `(v, h, 'it''s')`, "it''s"},
		{table + `(v, h, '"/x"')`, `"/x"`},
		{table + `(v, h, '/x"')`, `/x"`},
		{table + `(v, h, x.idx)`, "x.idx"},
		{table + "(v, h, `x`)", "`x`"},
		{table + "(v, h, [x])", "[x]"},
		{table + "(v, h, ' /x ')", " /x "},

		// No file.
		{table + "(v, h, '')", ""},
		{table + "(v, h, ':memory:')", ""},
		{table + `(v, h, ":memory:")`, ""},
		{table + "(v, h, /* none */)", ""},
		{table + "(v,, h)", ""},

		// Space, comments and quotes around the names.
		{"create\nvirtual\ttable/**/t -- USING x('no')\n using\r\nVectorLite\f(v, h, '/x')", "/x"},
		{`CREATE VIRTUAL TABLE "t"USING"vectorlite"(v, h, '/x')`, "/x"},
		{"CREATE VIRTUAL TABLE `t`USING`VECTORLITE`(v, h, '/x')", "/x"},
		{"CREATE VIRTUAL TABLE [t]USING[vectorlite](v, h, '/x')", "/x"},
		{"CREATE VIRTUAL TABLE 't'USING'vectorlite'(v, h, '/x')", "/x"},
		{`CREATE VIRTUAL TABLE " USING fts5('" USING vectorlite(v, h, '/x')`, "/x"},
		{table + " -- (\n(v, h, /* , '/no' */ '/x' -- , '/no'\n)", "/x"},
		{table + "(v, h, '/x');", "/x"},
		{table + ";", ""},
	} {
		got, ok, err := vectorlite.ParseTable("t", c.sql)
		want := vectorlite.Table{Name: "t", Path: c.want, VectorSize: got.VectorSize}
		if got != want || !ok || err != nil {
			t.Errorf("%s\ngot %+v, %t, %v, want %+v", c.sql, got, ok, err, want)
		}
	}
}

// Whatever is certainly not a table of vectorlite.
func TestParseTableOfOthers(t *testing.T) {
	for _, sql := range []string{
		"",
		"CREATE TABLE t (vectorlite)",
		"CREATE VIEW t AS SELECT 'CREATE VIRTUAL TABLE t USING vectorlite(a, b, c)'",
		"CREATE VIRTUAL TABLE t USING fts5(vectorlite)",
		"CREATE VIRTUAL TABLE t USING fts5(a", // is for fts5 to complain of
		"CREATE VIRTUAL TABLE vectorlite USING rtree",
		"CREATE VIRTUAL TABLE \"USING vectorlite(a, b, '/x')\" USING fts5",
		"CREATE VIRTUAL TABLE t /* USING vectorlite(a, b, '/x') */ USING fts5",
		"CREATE VIRTUAL TABLE t -- USING vectorlite(a, b, '/x')\nUSING fts5",
		"CREATE VIRTUAL TABLE t USING vectorlites(a, b, '/x')",
		`CREATE VIRTUAL TABLE t USING "vectorlite "(a, b, '/x')`,
		`CREATE VIRTUAL TABLE t USING """vectorlite"""(a, b, '/x')`,
	} {
		if got, ok, err := vectorlite.ParseTable("t", sql); got != (vectorlite.Table{}) || ok || err != nil {
			t.Errorf("%s\ngot %+v, %t, %v, want false and no error", sql, got, ok, err)
		}
	}
}

func TestParseTableErrors(t *testing.T) {
	const cannot, open = "table 'it''s': cannot read its declaration ", ": a parenthesis or a quote is not closed"
	for _, c := range []struct{ sql, want string }{
		{"CREATE VIRTUAL TABLE", cannot + "'CREATE VIRTUAL TABLE'"},
		{"CREATE VIRTUAL TABLE t", cannot + "'CREATE VIRTUAL TABLE t'"},
		{"CREATE VIRTUAL TABLE t USING", cannot + "'CREATE VIRTUAL TABLE t USING'"},
		{"CREATE VIRTUAL TABLE t USING (a)", cannot + "'CREATE VIRTUAL TABLE t USING (a)'"},
		{`CREATE VIRTUAL TABLE t USING "vectorlite(a)`, cannot + `'CREATE VIRTUAL TABLE t USING "vectorlite(a)'`},
		{"CREATE VIRTUAL TABLE IF NOT EXISTS t USING vectorlite", cannot + "'CREATE VIRTUAL TABLE IF NOT EXISTS t USING vectorlite'"},
		{"CREATE VIRTUAL TABLE m.t USING vectorlite", cannot + "'CREATE VIRTUAL TABLE m.t USING vectorlite'"},
		{"CREATE VIRTUAL TABLE t USING vectorlite a", cannot + "'CREATE VIRTUAL TABLE t USING vectorlite a'"},
		{"CREATE VIRTUAL TABLE t USING vectorlite(a", cannot + "'CREATE VIRTUAL TABLE t USING vectorlite(a'" + open},
		{"CREATE VIRTUAL TABLE t USING vectorlite(a(b)", cannot + "'CREATE VIRTUAL TABLE t USING vectorlite(a(b)'" + open},
		{"CREATE VIRTUAL TABLE t USING vectorlite('a)", cannot + "'CREATE VIRTUAL TABLE t USING vectorlite(''a)'" + open},
		{"CREATE VIRTUAL TABLE t USING vectorlite([a)", cannot + "'CREATE VIRTUAL TABLE t USING vectorlite([a)'" + open},
		{"CREATE VIRTUAL TABLE t USING vectorlite(a /* )", cannot + "'CREATE VIRTUAL TABLE t USING vectorlite(a /* )'" + open},
		{"CREATE VIRTUAL TABLE t USING vectorlite(a -- )", cannot + "'CREATE VIRTUAL TABLE t USING vectorlite(a -- )'" + open},
		{"CREATE VIRTUAL TABLE t USING vectorlite(a, b, '\x00')", "table 'it''s': the path of its index file has a NUL character"},
	} {
		got, ok, err := vectorlite.ParseTable("it's", c.sql)
		if got != (vectorlite.Table{}) || ok || err == nil || err.Error() != c.want {
			t.Errorf("%s\ngot %+v, %t, %v\nwant %s", c.sql, got, ok, err, c.want)
		}
	}
}

func TestWithPath(t *testing.T) {
	for _, c := range []struct{ sql, path, want string }{
		{"CREATE VIRTUAL TABLE t USING vectorlite(v, h, 'old')", "/new", "CREATE VIRTUAL TABLE t USING vectorlite(v, h, '/new')"},
		{"CREATE VIRTUAL TABLE t USING vectorlite(v, h, 'old')", "/it's", `CREATE VIRTUAL TABLE t USING vectorlite(v, h, "/it's")`},
		{"CREATE VIRTUAL TABLE t USING vectorlite(v, h, 'old')", `/5".idx`, `CREATE VIRTUAL TABLE t USING vectorlite(v, h, '/5".idx')`},
		{"CREATE VIRTUAL TABLE t USING vectorlite(v, h, 'old', x)", "/é, (1) --", "CREATE VIRTUAL TABLE t USING vectorlite(v, h, '/é, (1) --', x)"},
		{"CREATE VIRTUAL TABLE [a(]USING vectorlite (v,, h /*,*/, a 'b' c -- )\n)", "x", "CREATE VIRTUAL TABLE [a(]USING vectorlite (v,, h /*,*/, 'x' -- )\n)"},
	} {
		if got, err := vectorlite.WithPath(c.sql, c.path); got != c.want || err != nil {
			t.Errorf("WithPath(%q, %q)\ngot  %s, %v\nwant %s", c.sql, c.path, got, err, c.want)
		}
	}
}

func TestWithPathErrors(t *testing.T) {
	const table = "CREATE VIRTUAL TABLE t USING vectorlite"
	const cannot = " cannot be written in SQL, because it has both kinds of quotes or a NUL character; choose another directory"
	for _, c := range []struct{ sql, path, want string }{
		{table + "(v, h, 'old')", `/it's 5"`, `path '/it''s 5"'` + cannot},
		{table + "(v, h, 'old')", "/a\x00b", "path '/a?b'" + cannot},
		{table + "(v, h)", "/x", "statement '" + table + "(v, h)' declares no index file"},
		{table, "/x", "statement '" + table + "' declares no index file"},
		{"CREATE VIRTUAL TABLE t USING fts5(a, b, c)", "/x", "statement 'CREATE VIRTUAL TABLE t USING fts5(a, b, c)' declares no index file"},
		{table + "(v", "/x", "cannot read its declaration '" + table + "(v': a parenthesis or a quote is not closed"},
	} {
		if got, err := vectorlite.WithPath(c.sql, c.path); got != "" || err == nil || err.Error() != c.want {
			t.Errorf("WithPath(%q, %q)\ngot  %q, %v\nwant %s", c.sql, c.path, got, err, c.want)
		}
	}
}

func FuzzParseTable(f *testing.F) {
	for _, sql := range []string{
		"CREATE VIRTUAL TABLE t USING vectorlite(v float32[8], hnsw(max_elements=10, M=8), '/a b/x,(1).idx')",
		"create virtual table \"t\"/*u*/using[vectorlite]--(\n(a,,`b`,\"c\"'d' /* , */)",
		"CREATE VIRTUAL TABLE t USING vectorlite;",
		"CREATE VIRTUAL TABLE t USING fts5(a",
	} {
		f.Add("t", sql, "/new.idx")
		f.Add("it's", sql, "/it's, (1) --")
		f.Add("", sql, `both ' and "`)
	}
	f.Fuzz(func(t *testing.T, name, sql, path string) {
		old, ok, err := vectorlite.ParseTable(name, sql)
		if err != nil && (ok || !isOneLine(err.Error())) {
			t.Errorf("got %t, %v, want false and one line", ok, err)
		}
		if !ok && old != (vectorlite.Table{}) {
			t.Errorf("got %+v for a table of another module", old)
		}
		changed, err := vectorlite.WithPath(sql, path)
		if err != nil {
			return
		}
		if _, ok, err := vectorlite.ParseTable(name, sql); !ok && err == nil {
			t.Fatalf("WithPath changed a table of another module to %q", changed)
		}
		got, ok, err := vectorlite.ParseTable(name, changed)
		if err != nil && strings.Contains(err.Error(), "its vectors have") {
			return
		}
		want := vectorlite.Table{Name: name, Path: path, VectorSize: got.VectorSize}
		if path == ":memory:" {
			want.Path = ""
		}
		if got != want || !ok || err != nil {
			t.Errorf("%q\ngot %+v, %t, %v, want %+v", changed, got, ok, err, want)
		}
		if !strings.Contains(changed, path) || len(changed) > len(sql)+len(path)+2 {
			t.Errorf("WithPath(%q, %q): got %q, which has more changes", sql, path, changed)
		}
	})
}

func isOneLine(s string) bool { return s != "" && !strings.ContainsAny(s, "\n\r") }
