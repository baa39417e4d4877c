package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

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
