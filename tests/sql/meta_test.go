package sql_test

import (
	"strings"
	"testing"
	"time"
)

// TestRunner tests the runner: right scripts must pass, and wrong ones must fail
// with an error that contains want.
func TestRunner(t *testing.T) {
	tests := []struct{ name, script, want string }{
		{"values", "query ITRBT\nSELECT 1, 'a|''b'||char(10)||'c', -0.5, x'00fF', ''\n----\n1 | a|'b\\nc | -0.500 | x'00ff' | (empty)", ""},
		{"edge values", "query IRRBT\nSELECT -9223372036854775808, 1e999, 2.0, x'', NULL\n----\n-9223372036854775808 | +Inf | 2.000 | x'' | NULL", ""},
		{"no rows", "query I\nSELECT 1 WHERE 0\n----", ""},
		{"rowsort", "query II rowsort\nVALUES (2, 1), (1, 3)\n----\n1 | 3\n2 | 1", ""},
		{"error", "statement error 19\nCREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1), (1)\n----\nUNIQUE constraint failed: t.a", ""},
		{"syntax error", "statement error 1\nSELEC 1\n----\nnear \"SELEC\": syntax error", ""},
		{"error after a row", "statement error\nSELECT abs(column1) FROM (VALUES (1), (-9223372036854775808))\n----\ninteger overflow", ""},
		{"reopen", "# two files\nstatement ok\nCREATE TABLE t(a)\n\nreopen b.db\n\nstatement error\nSELECT * FROM t\n----\nno such table: t\n\n" +
			"reopen main.db\n\nquery I\nSELECT count(*) FROM t\n----\n0", ""},
		{"reopen keeps the file", "reopen a b.db\n\nstatement ok\nCREATE TABLE t(a)\n\nreopen\n\nquery T\nSELECT file FROM pragma_database_list\n----\n${DIR}/a b.db", ""},
		{"system", "statement ok\nCREATE TABLE t(a)\n\nsystem\ntest -s main.db\npwd\n----\n${DIR}", ""},
		{"conditions", "onlyif shell\nquery I\nSELECT 1\n----\n1\n\nskipif shell\nquery I\nSELECT 2\n----\n2\n\nhalt\n\nnonsense", ""},
		{"wrong value", "\nquery I\nSELECT 1\n----\n2", "x.test:2: got:\n1\nwant:\n2"},
		{"missing row", "query I\nSELECT 1\n----\n1\n1", "x.test:1: got:"},
		{"wrong columns", "query I\nSELECT 1, 2\n----\n1", "x.test:1: got 2 columns, want 1"},
		{"unexpected error", "statement ok\nSELECT * FROM t", "x.test:1: no such table: t (1)"},
		{"unexpected success", "statement error\nSELECT 1\n----\nboom", "x.test:1: got:\n<nil>\nwant:\nboom"},
		{"wrong sentence", "statement error\nSELECT * FROM t\n----\nno table", "got:\nno such table: t\n"},
		{"wrong code", "statement error 5\nSELECT * FROM t\n----\nno such table: t", "got:\nno such table: t (1)\nwant:\nno such table: t (5)"},
		{"wrong output", "system\necho a\n----\nb", "got:\na\nwant:\nb"},
		{"failing system", "system\nfalse\ntrue", "x.test:1: exit status 1"},
		{"no sentence", "statement error\nSELECT 1", `x.test:1: not a record: "statement error"`},
		{"no result", "query I\nSELECT 1", "x.test:1: not a record"},
		{"not a record", "querry I\nSELECT 1\n----\n1", `x.test:1: not a record: "querry I"`},
		{"unknown type", "query Q\nSELECT 1\n----\n1", `x.test:1: not a record: "query Q"`},
		{"empty condition", "skipif shell\n\nquery I\nSELECT 1\n----\n1", `x.test:1: not a record: "skipif shell"`},
		{"unknown extension", "\n# it\nload vector", `x.test:3: not a record: "load vector"`},
		{"failures go on", "statement ok\nSELEC\n\nquery I\nSELECT 1\n----\n2", "\nx.test:4: got:\n1"},
		{"unknown sort", "query I rowsrot\nSELECT 1\n----\n1", `not a record: "query I rowsrot"`},
		{"want after ok", "statement ok\nSELECT 1\n----\n1", `not a record: "statement ok"`},
		{"lost connection", "reopen no/such.db\n\nstatement ok\nSELECT 1", "x.test:1: "},
		{"unknown way", "skipif shel\nstatement ok\nSELECT 1", `x.test:1: not a record: "skipif shel"`},
		{"hang", "statement ok\nWITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n+1 FROM c) SELECT count(*) FROM c", "x.test:1: "},
	}
	for _, test := range tests {
		for _, way := range []string{"shell", "linked"} {
			t.Run(way+"/"+test.name, func(t *testing.T) {
				if test.name == "hang" {
					limit = 300 * time.Millisecond
					defer func() { limit = 60 * time.Second }()
				}
				err := run(t, way, "x.test", test.script)
				if test.want == "" && err != nil {
					t.Errorf("got error %v, want none", err)
				}
				if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("got error %v, want one with %q", err, test.want)
				}
			})
		}
	}
}
