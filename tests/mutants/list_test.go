package main

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

const entry = `name: a sum that is too large
file: sum.go
- 	if a > most {
- 		return -1
+ 	if false {
test: . TestSum/large
fails: got \d+
needs: so
timeout: 3s
`

func TestParse(t *testing.T) {
	got, err := parse("x.txt", "# a list\n\n"+entry+"\n\n# of two\n"+strings.ReplaceAll(entry, "needs: so\ntimeout: 3s\n", ""))
	if err != nil || len(got) != 2 {
		t.Fatalf("got %d entries, %v, want 2", len(got), err)
	}
	m := got[0]
	if m.list != "x.txt" || m.name != "a sum that is too large" || m.file != "sum.go" || m.fails.String() != `got \d+` ||
		m.old != "\tif a > most {\n\t\treturn -1" || m.new != "\tif false {" || m.test != (test{".", "TestSum/large", "build", 3 * time.Second}) {
		t.Errorf("got %+v", m)
	}
	if want := (test{".", "TestSum/large", "", 2 * time.Minute}); got[1].test != want {
		t.Errorf("got %+v, want %+v", got[1].test, want)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no name", strings.Replace(entry, "name: a sum that is too large\n", "", 1), `x.txt:1: the entry "" lacks a line "name:"`},
		{"no file", strings.Replace(entry, "file: sum.go\n", "", 1), `lacks a line "file:"`},
		{"nothing goes", regexp.MustCompile(`(?m)^- .*\n`).ReplaceAllString(entry, ""), `lacks a line "- "`},
		{"no test", strings.Replace(entry, ". TestSum/large", ".", 1), `lacks a line "test: ./package TestName"`},
		{"no reason", strings.Replace(entry, "fails: got \\d+\n", "", 1), `lacks a line "fails:"`},
		{"a reason that is always there", strings.Replace(entry, "got \\d+", "", 1), `lacks a line "fails:"`},
		{"no regexp", strings.Replace(entry, "got \\d+", "(", 1), `"fails: (": error parsing regexp`},
		{"another need", strings.Replace(entry, "so\n", "gcc\n", 1), `"needs: gcc": only so and command can be needed`},
		{"no duration", strings.Replace(entry, "3s", "3", 1), `"timeout: 3": time: missing unit`},
		{"another word", "\n\n" + entry + "why: so\n", `x.txt:3: "why: so": the line begins with none of the words of an entry`},
	} {
		if _, err := parse("x.txt", c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}
