package vxsnap_test

import (
	"testing"

	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Each row is a statement of sqlite_schema, and the arguments that SQLite gave
// to xCreate for it. They were recorded with a C program that registers a module
// under the name vectorlite, creates the table in a new database, and prints
// argv[3] and up beside what sqlite_schema then says. SQLite 3.40.1 and 3.54.1
// agree on every row.
func TestSplitsArgumentsAsSQLite(t *testing.T) {
	const table = "CREATE VIRTUAL TABLE t USING vectorlite"
	for _, c := range []struct {
		sql  string
		args []string
	}{
		{table + `(v float32[8], hnsw(max_elements=10, M=8), '/a b/x,(1).idx')`, []string{`v float32[8]`, `hnsw(max_elements=10, M=8)`, `'/a b/x,(1).idx'`}},
		{table + `(v float32[8],hnsw(max_elements=10))`, []string{`v float32[8]`, `hnsw(max_elements=10)`}},
		{table + ``, nil},
		{table + `()`, nil},
		{table + `( )`, nil},
		{table + `(/* none */)`, nil},
		{table + `(v)`, []string{`v`}},
		{table + `(,)`, nil},
		{table + `(,,)`, nil},
		{table + `(a,,b)`, []string{`a`, `b`}},
		{table + `(a,,b,c)`, []string{`a`, `b`, `c`}},
		{table + `(a,b,c,)`, []string{`a`, `b`, `c`}},
		{table + `(,a,b,,c,d)`, []string{`a`, `b`, `c`, `d`}},
		{table + `(a, b,/* no path */)`, []string{`a`, `b`}},
		{table + "(a, b, -- no path\n)", []string{`a`, `b`}},
		{table + `(a, b, /* before */ '/x' /* after */)`, []string{`a`, `b`, `'/x'`}},
		{table + "(a, b, -- before\n '/x' -- after ) , '\n)", []string{`a`, `b`, `'/x'`}},
		{table + `(a, b, '/x' /* in */ 'y')`, []string{`a`, `b`, `'/x' /* in */ 'y'`}},
		{table + `(a, b /* , '/no' */, '/x')`, []string{`a`, `b`, `'/x'`}},
		{table + `(a, b, '/x' /*/ , */)`, []string{`a`, `b`, `'/x'`}},
		{table + `(a, b, '/x' - - 1)`, []string{`a`, `b`, `'/x' - - 1`}},
		{table + `(a, b(c, (d, e), (f)), '/x')`, []string{`a`, `b(c, (d, e), (f))`, `'/x'`}},
		{table + `(a, (b), ('/x,y'))`, []string{`a`, `(b)`, `('/x,y')`}},
		{table + `(a, b, ((')')))`, []string{`a`, `b`, `((')'))`}},
		{table + `(a, b(')'), '/x')`, []string{`a`, `b(')')`, `'/x'`}},
		{table + `(a, [b,(], '/x')`, []string{`a`, `[b,(]`, `'/x'`}},
		{table + "(a, `b,``(`, `/x`)", []string{`a`, "`b,``(`", "`/x`"}},
		{table + `(a, "b,""(", "/x.idx")`, []string{`a`, `"b,""("`, `"/x.idx"`}},
		{table + `(a, b, 'it''s, (one)')`, []string{`a`, `b`, `'it''s, (one)'`}},
		{table + `(a, b, '')`, []string{`a`, `b`, `''`}},
		{table + `(a, b, '''')`, []string{`a`, `b`, `''''`}},
		{table + `(a, b, """")`, []string{`a`, `b`, `""""`}},
		{table + `(a, b, '/x"')`, []string{`a`, `b`, `'/x"'`}},
		{table + `(a, b, "/it's")`, []string{`a`, `b`, `"/it's"`}},
		{table + `(a, b, ':memory:')`, []string{`a`, `b`, `':memory:'`}},
		{table + `(a, b, ":memory:")`, []string{`a`, `b`, `":memory:"`}},
		{table + `(a, b, '--x')`, []string{`a`, `b`, `'--x'`}},
		{table + `(a, b, '/*x')`, []string{`a`, `b`, `'/*x'`}},
		{table + `(a, b, "[")`, []string{`a`, `b`, `"["`}},
		{table + `(a, b, ["])`, []string{`a`, `b`, `["]`}},
		{table + "(a,\n b,\n\t'/x\ny'\r\n)", []string{`a`, `b`, "'/x\ny'"}},
		{table + "(\n  a b  c ,\n  d,\n  /x . idx\n)", []string{`a b  c`, `d`, `/x . idx`}},
		{table + `(a, b, '/é/日本,.idx')`, []string{`a`, `b`, `'/é/日本,.idx'`}},
		{table + "(é, ü(ß), ''''''||\u00a0)", []string{`é`, `ü(ß)`, "''''''||\u00a0"}},
		{table + "(a, b, \u00a0'/x')", []string{`a`, `b`, "\u00a0'/x'"}},
		{table + `(a, b, x;y)`, []string{`a`, `b`, `x;y`}},
		{table + `(a, b, x'00')`, []string{`a`, `b`, `x'00'`}},
		{table + `(a, b, a=b<>c||d)`, []string{`a`, `b`, `a=b<>c||d`}},
		{table + `(a, b, /x/*y*//z)`, []string{`a`, `b`, `/x/*y*//z`}},
		{table + `(a, b, '/x', 'fourth')`, []string{`a`, `b`, `'/x'`, `'fourth'`}},
		{table + `(a, b, ?1)`, []string{`a`, `b`, `?1`}},
		{table + "(a, b,\ufeff'/x')", []string{"a", "b", "'/x'"}},
		{table + "(a, b, '/x'\ufeff)", []string{"a", "b", "'/x'"}},
		{table + "(a, b, \v'/x' \v)", []string{"a", "b", "'/x'"}},
		{table + "(a, b \v, '/x')", []string{"a", "b", "'/x'"}},
		{table + "(a, \ufeff, b, '/x')", []string{"a", "b", "'/x'"}},
		{table + "(a, $b('), '/x')", []string{"a", "$b(')", "'/x'"}},
		{table + "(a, $b(,), '/x')", []string{"a", "$b(,)", "'/x'"}},
		{table + "(a, $b((), '/x')", []string{"a", "$b(()", "'/x'"}},
		{table + "(a, @b::c([), '/x')", []string{"a", "@b::c([)", "'/x'"}},
		{table + "(a, #b(\"), '/x')", []string{"a", "#b(\")", "'/x'"}},
		{table + "(a, :b(\ufeff,), '/x')", []string{"a", ":b(\ufeff,)", "'/x'"}},
		{table + "(a, b, ?1\ufeff)", []string{"a", "b", "?1"}},
		{"CREATE VIRTUAL TABLE t using\nVectorLite(a, b, '/x')", []string{`a`, `b`, `'/x'`}},
		{`CREATE VIRTUAL TABLE "using vectorlite('/no')" USING[vectorlite](a, b, '/x')`, []string{`a`, `b`, `'/x'`}},
		{`CREATE VIRTUAL TABLE 'a''b'/* using x */USING"VECTORLITE"(a, b, '/x')`, []string{`a`, `b`, `'/x'`}},
		{"CREATE VIRTUAL TABLE [t ( u]using`vectorlite`--c\n(a, b, '/x')", []string{`a`, `b`, `'/x'`}},
		{`CREATE VIRTUAL TABLE virtual USING 'vectorlite'/**/(a, b, '/x')`, []string{`a`, `b`, `'/x'`}},
		{"CREATE VIRTUAL TABLE t using\nVectorLite", nil},
		{`CREATE VIRTUAL TABLE "using vectorlite('/no')" USING[vectorlite]`, nil},
		{`CREATE VIRTUAL TABLE 'a''b'/* using x */USING"VECTORLITE"`, nil},
		{"CREATE VIRTUAL TABLE [t ( u]using`vectorlite`", nil},
		{`CREATE VIRTUAL TABLE virtual USING 'vectorlite'`, nil},
	} {
		checkThirdArgument(t, c.sql, c.args)
	}
}

// checkThirdArgument compares the one argument that vxsnap reads and writes.
func checkThirdArgument(t *testing.T, sql string, args []string) {
	t.Helper()
	want := vectorlite.Table{Name: "t"}
	if len(args) > 2 {
		want.Path = args[2]
	}
	if n := len(want.Path); n >= 2 && (want.Path[0] == '\'' || want.Path[0] == '"') && want.Path[n-1] == want.Path[0] {
		want.Path = want.Path[1 : n-1]
	}
	if want.Path == ":memory:" {
		want.Path = ""
	}
	got, ok, err := vectorlite.ParseTable("t", sql)
	want.VectorSize = got.VectorSize // not what is compared here
	if got != want || !ok || err != nil {
		t.Errorf("%s\ngot %+v, %t, %v, want %+v", sql, got, ok, err, want)
	}
	changed, err := vectorlite.WithPath(sql, "/new")
	if len(args) < 3 {
		if err == nil {
			t.Errorf("%s\nhas no third argument, but WithPath gave %s", sql, changed)
		}
		return
	}
	if err != nil {
		t.Errorf("%s\nWithPath: %v", sql, err)
		return
	}
	want.Path = "/new"
	if got, ok, err := vectorlite.ParseTable("t", changed); got != want || !ok || err != nil || len(changed) != len(sql)-len(args[2])+len("'/new'") {
		t.Errorf("%s\nWithPath gave %s, which reads as %+v, %t, %v", sql, changed, got, ok, err)
	}
}
