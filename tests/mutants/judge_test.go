package main

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		name, fails string
		got         outcome
		want        verdict
	}{
		{"passes", "got", outcome{true, true, true, "got"}, survived},
		{"does not compile", "undefined", outcome{output: "undefined: a"}, broken},
		{"fails", "got 3", outcome{true, true, false, "got 3"}, killed},
		{"fails otherwise", "got 3", outcome{true, true, false, "got 4"}, strange},
		{"panics", "got 3", outcome{true, true, false, "got 3\npanic: index\n"}, strange},
		{"panics as it should", "panic: index", outcome{true, true, false, "panic: index\n"}, killed},
		{"hangs", "FAIL", outcome{true, true, false, "panic: test timed out after 3s\n"}, strange},
		{"hangs as it should", "panic: test timed out", outcome{true, true, false, "panic: test timed out after 3s\n"}, killed},
		{"a signal", "got 3", outcome{true, true, false, "got 3\nsignal: killed\n"}, strange},
	} {
		if got := verdictOf(regexp.MustCompile(c.fails), c.got); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Each verdict, from a list to the last line.
func TestJudge(t *testing.T) {
	root := module(t, mutantOf("a + b", "a - b", "TestSum", "got -1, want 3")+
		mutantOf("a > 9 ", "a > 8 ", "TestSum", "got")+
		mutantOf("a + b", "a + c", "TestSum", "got")+
		mutantOf("return -1", "return -2", "TestSum", "got 11")+
		mutantOf("return -1", "panic(a)", "TestSum", "panic: 10")+
		mutantOf("a > 9 ", "a > 9 && a/(a-10) > 0 ", "TestSum", "got")+
		mutantOf("\ta = 1", "\ta += 0", "TestSum", "panic: test timed out"))
	all, err := readLists(root)
	if err != nil {
		t.Fatal(err)
	}
	trees, remove, err := makeTrees(t.Context(), root, 2)
	defer remove()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	good, err := judgeAll(t.Context(), &out, trees, all)
	if good || err != nil {
		t.Errorf("got %t, %v, want false", good, err)
	}
	for _, want := range []string{
		"killed: sum.txt: a - b (", "SURVIVED: sum.txt: a > 8  (", "does not compile: sum.txt: a + c (", "undefined: c",
		"failed for another reason: sum.txt: return -2 (", "got -2, want -1", "killed: sum.txt: panic(a) (",
		"failed for another reason: sum.txt: a > 9 && a/(a-10) > 0  (", "killed: sum.txt: \ta += 0 (",
	} {
		if !strings.Contains("\n"+out.String(), want) {
			t.Errorf("no line %q", want)
		}
	}
	if want := "\n7 mutants, 1 survived, 3 wrong in the list\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("the last line is not %q", want)
	}
	if t.Failed() {
		t.Log(out.String())
	}
	for _, tree := range trees { // every edit was taken back
		if got := tree.run(t.Context(), test{".", "TestSum", "", time.Minute}); !got.passed {
			t.Errorf("afterwards: %s", got.output)
		}
	}
}
