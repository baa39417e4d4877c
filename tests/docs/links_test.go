package docs_test

import (
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every link of every page leads to something: to a file or a folder that is there, to
// a heading or an anchor of its page, or to an address that can be one.
func TestLinks(t *testing.T) {
	follow(t, "../..", 20)
}

// So do those of the pages that are packed, of which some lead to the repository.
func TestLinksOfPackages(t *testing.T) {
	for name, least := range map[string]int{"archive": 18, "npm": 1} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			pages := exec.Command("go", "run", "./build/pages", name, "v0.0.0", dir)
			pages.Dir = "../.."
			if out, err := pages.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			follow(t, dir, least)
		})
	}
}

func follow(t *testing.T, root string, least int) {
	t.Helper()
	pages := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules" || entry.Name() == "dist") {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".md" || entry.IsDir() {
			return nil
		}
		pages++
		links, _ := parsed(t, path)
		for _, link := range links {
			if wrong := deadLink(t, path, link); wrong != "" {
				t.Errorf("%s: %s: %s", path, link, wrong)
			}
		}
		return nil
	})
	if err != nil || pages < least {
		t.Errorf("%d pages, want %d: %v", pages, least, err)
	}
}

const repository = "https://" + module

// deadLink says what is wrong with a link of a page, or nothing.
func deadLink(t *testing.T, page, link string) string {
	to, err := url.Parse(link)
	if err != nil {
		return err.Error()
	}
	path := filepath.Join(filepath.Dir(page), filepath.FromSlash(to.Path))
	switch rest, ours := strings.CutPrefix(link, repository+"/"); {
	case ours: // blob/v0.1.0/path
		parts := strings.SplitN(rest, "/", 3)
		if len(parts) < 3 || !slices.Contains([]string{"blob", "tree", "raw"}, parts[0]) {
			return "leads to no file of the repository"
		}
		path = filepath.Join("../..", strings.SplitN(parts[2], "#", 2)[0])
	case to.Scheme != "":
		if to.Scheme != "https" || !strings.Contains(to.Hostname(), ".") {
			return "is no https address"
		}
		return ""
	case to.Path == "":
		path = page
	}
	if _, err := os.Stat(path); err != nil {
		return "leads to what is not there"
	}
	if to.Fragment == "" {
		return ""
	}
	if filepath.Ext(path) != ".md" {
		return "names a place in what is no page"
	}
	if _, places := parsed(t, path); !slices.Contains(places, to.Fragment) {
		return "leads to a place that the page has not; it has " + strings.Join(places, " ")
	}
	return ""
}
