// Package docs_test runs what README.md and docs/ show.
//
// A fenced block marked console is a session of sh: a line that begins with
// "$ " is a command, lines that begin with "> ", or are ">", go on with it, and the lines
// up to the next command are what it prints, on stdout and stderr. In these
// lines … stands for any text. All blocks of a page run in one new directory
// that holds vxsnap.so, vectorlite.so, the program of examples/raft and, as it is in the
// PATH, the command vxsnap.
package docs_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestPages(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "../../README.md") {
		t.Run(filepath.Base(page), func(t *testing.T) {
			dir := pageDir(t)
			for _, s := range sessions(read(t, page)) {
				got := run(dir, s.command)
				if !s.want.MatchString(got) {
					t.Errorf("%s:%d: %s\ngot:\n%s\nwant:\n%s", filepath.Base(page), s.line, s.command, got, s.text)
				}
			}
		})
	}
}

// pageDir makes the directory that the sessions of a page run in.
func pageDir(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for link, target := range map[string]string{
		"vxsnap.so":     filepath.Join(root, "vxsnap.so"),
		"vxsnap":        filepath.Join(root, "vxsnap"),
		"raft":          filepath.Join(root, ".tools/raft"),
		"vectorlite.so": cmp.Or(os.Getenv("VECTORLITE"), filepath.Join(root, ".tools/vectorlite.so")),
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A session is one command of a page with what it must print.
type session struct {
	line    int
	command string
	text    string
	want    *regexp.Regexp
}

func sessions(page string) (all []session) {
	inside := false
	for i, line := range strings.Split(page, "\n") {
		last := len(all) - 1
		switch {
		case !inside:
			inside = line == "```console"
		case line == "```":
			inside = false
		case strings.HasPrefix(line, "$ "):
			all = append(all, session{line: i + 1, command: line[2:]})
		case last >= 0 && all[last].text == "" && strings.HasPrefix(line+" ", "> "):
			all[last].command += "\n" + strings.TrimPrefix(line[1:], " ")
		case last >= 0:
			all[last].text += line + "\n"
		}
	}
	for i := range all {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(all[i].text), "…", ".*")
		all[i].want = regexp.MustCompile("^" + pattern + "$")
	}
	return all
}

func run(dir, command string) string {
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PATH="+dir+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		return fmt.Sprintf("%v\n", err)
	}
	return string(out)
}
