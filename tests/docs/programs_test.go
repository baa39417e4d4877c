package docs_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	program = regexp.MustCompile(`\]\(\.\./((?:tests/hosts|raft|live|examples/nocgo)/[^)]+|example\w*_test\.go)\)`)
	used    = regexp.MustCompile(`\]\(\.\./((?:build/use|tests/docs/journeys)/[^)]+)\)`)
	block   = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")
)

// A page that links to a program of tests/hosts, raft, live or examples/nocgo, or to an
// example of package vxsnap, shows exactly that program, which make hosts, make rafttest or
// make unit runs. What else it shows of code is some lines of such a program, or of one of
// build/use or tests/docs/journeys that it links to, which make dist runs, indented or not.
func TestPrograms(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, page := range pages {
		text := read(t, page)
		var programs string
		for _, link := range program.FindAllStringSubmatch(text, -1) {
			code := read(t, filepath.Join("../..", link[1]))
			if !strings.Contains(text, "\n"+code+"```\n") {
				t.Errorf("%s does not show %s as it is", filepath.Base(page), link[1])
			}
			programs += code
			shown++
		}
		for _, link := range used.FindAllStringSubmatch(text, -1) {
			programs += "\n" + read(t, filepath.Join("../..", link[1]))
		}
		for _, code := range block.FindAllStringSubmatch(text, -1) {
			if programs != "" && code[1] != "console" && !strings.Contains("\n"+leftAligned(programs), "\n"+leftAligned(code[2])) {
				t.Errorf("%s shows what is in no program that it links to:\n%s", filepath.Base(page), code[2])
			}
		}
	}
	if shown < 15 {
		t.Errorf("%d programs are shown, want 15", shown)
	}
}

var indent = regexp.MustCompile(`(?m)^[ \t]+`)

func leftAligned(code string) string { return indent.ReplaceAllString(code, "") }
