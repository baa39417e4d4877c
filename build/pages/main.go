// Pages copies pages of the repository into a folder that is packed, where other files
// are not: of their links, those that lead to one of the others lead to the repository.
//
//	go run ./build/pages archive|npm VERSION FOLDER
//
// VERSION is the tag that links name, as v0.1.0. It runs in the repository's root.
package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const repository = "https://github.com/vxsnap/vxsnap"

// What each package has, as patterns of path/filepath.
var packages = map[string][]string{
	"archive": {"README.md", "CHANGELOG.md", "SECURITY.md", "docs/*.md", "docs/terminal.svg", "bench/RESULTS.md", "bench/results.svg"},
	"npm":     {"README.md"},
}

func main() {
	if len(os.Args) != 4 || packages[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: pages archive|npm VERSION FOLDER")
		os.Exit(2)
	}
	var files []string
	for _, pattern := range packages[os.Args[1]] {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			fmt.Fprintf(os.Stderr, "pages: no file is %s here; run it in the repository's root\n", pattern)
			os.Exit(1)
		}
		files = append(files, found...)
	}
	if err := pack(os.Args[2], os.Args[3], files); err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
}

func pack(version, folder string, files []string) error {
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if path.Ext(file) == ".md" {
			b = relinked(b, version, file, files)
		}
		to := filepath.Join(folder, file)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// A link whose target is relative: [text](path#fragment). Of an image the text begins
// with "!".
var link = regexp.MustCompile(`(!?)(\[[^\]]*\])\(([^)#:\s]+)(#[^)\s]*)?\)`)

// relinked gives a page whose links lead into files, or to the repository.
func relinked(page []byte, version, file string, files []string) []byte {
	return link.ReplaceAllFunc(page, func(found []byte) []byte {
		m := link.FindSubmatch(found)
		to := path.Join(path.Dir(file), string(m[3]))
		if slices.Contains(files, to) {
			return found
		}
		show := "blob"
		if len(m[1]) > 0 {
			show = "raw"
		} else if info, err := os.Stat(to); err == nil && info.IsDir() {
			show = "tree"
		}
		return []byte(string(m[1]) + string(m[2]) + "(" + strings.Join([]string{repository, show, version, to}, "/") + string(m[4]) + ")")
	})
}
