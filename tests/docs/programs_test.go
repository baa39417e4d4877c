package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var program = regexp.MustCompile(`\]\(\.\./((?:tests/hosts|raft|live)/[^)]+)\)`)

// A page that links to a program of tests/hosts, raft or live shows exactly that
// program, which make hosts, make rafttest or make unit runs.
func TestPrograms(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range program.FindAllSubmatch(text, -1) {
			code, err := os.ReadFile(filepath.Join("../..", string(link[1])))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "\n"+string(code)+"```\n") {
				t.Errorf("%s does not show %s as it is", filepath.Base(page), link[1])
			}
			shown++
		}
	}
	if shown < 12 {
		t.Errorf("%d programs are shown, want 12", shown)
	}
}
