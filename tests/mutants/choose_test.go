package main

import (
	"os"
	"path/filepath"
	"testing"
)

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

func TestSample(t *testing.T) {
	all := make([]mutant, 10)
	for i := range all {
		all[i].name = string(rune('0' + i))
	}
	for most, want := range map[int]string{0: "0123456789", 3: "036", 9: "012345678", 10: "0123456789", 20: "0123456789"} {
		got := ""
		for _, m := range sample(all, most) {
			got += m.name
		}
		if got != want {
			t.Errorf("at most %d: %s, want %s", most, got, want)
		}
	}
}
