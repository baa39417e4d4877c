package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
		m.old != "\tif a > most {\n\t\treturn -1" || m.new != "\tif false {" || m.test != (test{".", "TestSum/large", true, 3 * time.Second}) {
		t.Errorf("got %+v", m)
	}
	if want := (test{".", "TestSum/large", false, 2 * time.Minute}); got[1].test != want {
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
		{"another need", strings.Replace(entry, "so\n", "gcc\n", 1), `"needs: gcc": only so can be needed`},
		{"no duration", strings.Replace(entry, "3s", "3", 1), `"timeout: 3": time: missing unit`},
		{"another word", "\n\n" + entry + "why: so\n", `x.txt:3: "why: so": the line begins with none of the words of an entry`},
	} {
		if _, err := parse("x.txt", c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

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

// module makes a module of one function with one test, and a list.
func module(t *testing.T, list string) string {
	t.Helper()
	t.Setenv("CGO_ENABLED", "0")
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module m\n", ".gitignore": "ignored\n", "ignored": "", "sum.go": `package m

import "time"

func sum(a, b int) int {
	for a > 1000 {
		time.Sleep(1)
		a = 1
	}
	if a > 9 {
		return -1
	}
	return a + b
}
`, "sum_test.go": `package m

import (
	"os"
	"testing"
)

func TestSum(t *testing.T) {
	if _, err := os.Stat("ignored"); err == nil {
		t.Error("copied what git ignores")
	}
	for _, c := range [][3]int{{1, 2, 3}, {10, 1, -1}, {1001, 0, 1}} {
		if got := sum(c[0], c[1]); got != c[2] {
			t.Errorf("got %d, want %d", got, c[2])
		}
	}
}

func TestNothing(t *testing.T) {}
func TestWrong(t *testing.T)   { t.Error("wrong") }
`, "tests/mutants/sum.txt": list,
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inGit(t, root, "init", "-q")
	inGit(t, root, "add", ".")
	inGit(t, root, "-c", "user.name=m", "-c", "user.email=m@example.com", "commit", "-q", "-m", "m")
	return root
}

func inGit(t *testing.T, root string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
}

func mutantOf(old, new, test, fails string) string {
	return fmt.Sprintf("name: %s\nfile: sum.go\n- %s\n+ %s\ntest: . %s\nfails: %s\ntimeout: 2s\n\n", new, old, new, test, fails)
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
		if got := tree.run(t.Context(), test{".", "TestSum", false, time.Minute}); !got.passed {
			t.Errorf("afterwards: %s", got.output)
		}
	}
}

func TestRun(t *testing.T) {
	good := mutantOf("a + b", "a - b", "TestSum", "got -1")
	for _, c := range []struct {
		name, list, only string
		good             bool
		want             string // of the error
	}{
		{"killed", good, "", true, ""},
		{"survived", mutantOf("a + b", "b + a", "TestNothing", "got"), "", false, ""},
		{"none is asked for", mutantOf("a + b", "b + a", "TestNothing", "got"), "other", true, ""},
		{"old text twice", mutantOf("return", "panic", "TestSum", "got"), "", false, "sum.go has the old text 2 times, must have it once"},
		{"old text nowhere", mutantOf("a * b", "a / b", "TestSum", "got"), "", false, "sum.go has the old text 0 times"},
		{"no file", strings.Replace(good, "file: sum", "file: product", 1), "", false, "product.go: no such file"},
		{"the test is wrong", mutantOf("a + b", "a - b", "TestWrong", "wrong"), "", false, "TestWrong fails on the code as it is"},
		{"there is no test", mutantOf("a + b", "a - b", "TestProduct", "got"), "", false, "the package . has no test TestProduct"},
		{"a name twice", good + good, "", false, `two mutants have the name "a - b"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := run(t.Context(), module(t, c.list), "", c.only, 1)
			if got != c.good || (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %t, %v, want %t, %q", got, err, c.good, c.want)
			}
		})
	}
}

// Interrupted, it judges no mutant.
func TestRunInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if good, err := run(ctx, module(t, mutantOf("a + b", "a - b", "TestSum", "got")), "", "", 1); good || err == nil {
		t.Errorf("got %t, %v, want an error", good, err)
	}
}

func TestChangedSince(t *testing.T) {
	root := module(t, "")
	all := []mutant{{name: "file", file: "sum.go", test: test{pkg: "./a"}}, {name: "list", list: "tests/mutants/sum.txt", test: test{pkg: "./a"}}, {name: "test", test: test{pkg: "./more"}}}
	for _, c := range []struct{ changed, want string }{
		{"sum.go", "file"}, {"tests/mutants/sum.txt", "list"}, {"more/more_test.go", "test"}, {"elsewhere.go", ""},
	} {
		path := filepath.Join(root, c.changed)
		before, _ := os.ReadFile(path)
		os.MkdirAll(filepath.Dir(path), 0o700)
		if err := os.WriteFile(path, []byte("changed"), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := changedSince(t.Context(), root, "HEAD", all)
		if err != nil || len(got) > 1 || len(got) == 1 && got[0].name != c.want || len(got) == 0 && c.want != "" {
			t.Errorf("%s changed: got %v, %v, want %q", c.changed, got, err, c.want)
		}
		if before == nil {
			os.Remove(path)
		} else if err := os.WriteFile(path, before, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := changedSince(t.Context(), root, "no-such-commit", all); err == nil || len(got) != len(all) {
		t.Errorf("a commit that does not exist: got %v, %v, want all and an error", got, err)
	}
}
