package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// A mutant is the code without one check.
type mutant struct {
	list, name string
	file       string // to edit
	old, new   string // the text that goes, which is in the file once, and the one that comes
	test       test
	fails      *regexp.Regexp // what the failing test must print
}

// A test is what must fail.
type test struct {
	pkg, pattern string        // of go test, and its -run
	targets      string        // of make, for what the test uses: vxsnap.so, the command
	timeout      time.Duration // after which it counts as hanging
}

// defaultTimeout is for a test that nothing is said of.
const defaultTimeout = 120 * time.Second

// readLists reads tests/mutants/*.txt.
func readLists(root string) (all []mutant, err error) {
	lists, err := filepath.Glob(filepath.Join(root, "tests/mutants/*.txt"))
	if err != nil {
		return nil, err
	}
	names := make(map[string]bool)
	for _, path := range lists {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		list := "tests/mutants/" + filepath.Base(path)
		more, err := parse(list, string(text))
		if err != nil {
			return nil, err
		}
		for _, m := range more {
			if names[m.name] {
				return nil, fmt.Errorf("%s: two mutants have the name %q", list, m.name)
			}
			names[m.name] = true
		}
		all = append(all, more...)
	}
	return all, nil
}

// parse reads a list. Blank lines separate the entries; a line with # is a
// comment. An entry has these lines:
//
//	name: what could happen without the check
//	file: path/of/file.go
//	- old text, the rest of the line to the letter
//	+ new text
//	test: ./package TestName/of_a_subtest
//	fails: a regexp for what the test must then print
//	needs: so
//	timeout: 20s
//
// Several lines with - are consecutive lines of the file, and so with +; none
// with + removes the old text. The last two lines are optional: the test uses
// vxsnap.so (with "command", also the command vxsnap), and it hangs after less than two minutes. A mutant that hangs or
// panics is killed only if fails matches that.
func parse(list, text string) (all []mutant, err error) {
	for number, line := 0, ""; text != ""; {
		var entry []string
		first := number + 1
		for line = "-"; line != "" && text != ""; {
			line, text, _ = strings.Cut(text, "\n")
			number++
			if line != "" && !strings.HasPrefix(line, "#") {
				entry = append(entry, line)
			}
		}
		if len(entry) == 0 {
			continue
		}
		m, err := parseEntry(entry)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", list, first, err)
		}
		m.list = list
		all = append(all, m)
	}
	return all, nil
}

// needs are the targets of make by what a test needs.
var needs = map[string]string{"so": "build", "command": "build command"}

func parseEntry(lines []string) (m mutant, err error) {
	m.test.timeout = defaultTimeout
	var gone, come []string
	for _, line := range lines {
		key, value, _ := strings.Cut(line, " ")
		err = nil
		switch key {
		case "name:":
			m.name = value
		case "file:":
			m.file = value
		case "-":
			gone = append(gone, value)
		case "+":
			come = append(come, value)
		case "test:":
			m.test.pkg, m.test.pattern, _ = strings.Cut(value, " ")
		case "fails:":
			m.fails, err = regexp.Compile(value)
		case "timeout:":
			m.test.timeout, err = time.ParseDuration(value)
		case "needs:":
			if m.test.targets = needs[value]; m.test.targets == "" {
				err = errors.New("only so and command can be needed")
			}
		default:
			err = errors.New("the line begins with none of the words of an entry")
		}
		if err != nil {
			return m, fmt.Errorf("%q: %w", line, err)
		}
	}
	m.old, m.new = strings.Join(gone, "\n"), strings.Join(come, "\n")
	for word, value := range map[string]string{"name:": m.name, "file:": m.file, "- ": m.old, "test: ./package TestName": m.test.pattern} {
		if value == "" {
			return m, fmt.Errorf("the entry %q lacks a line %q", m.name, word)
		}
	}
	if m.fails == nil || m.fails.String() == "" {
		return m, fmt.Errorf("the entry %q lacks a line %q", m.name, "fails:")
	}
	return m, nil
}
