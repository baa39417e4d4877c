package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestPick(t *testing.T) {
	for _, test := range []struct{ n, k int }{{1000, 10}, {10, 10}, {5, 0}} {
		got := pick(test.n, test.k, 1)
		if len(got) != test.k || !slices.Equal(got, pick(test.n, test.k, 1)) {
			t.Errorf("of %d are picked %v, want the same %d twice", test.n, got, test.k)
		}
		slices.Sort(got)
		if len(slices.Compact(got)) != test.k || test.k > 0 && (got[0] < 1 || got[test.k-1] > test.n) {
			t.Errorf("of %d are picked %v, want different ones", test.n, got)
		}
	}
	if slices.Equal(pick(1000, 10, 1), pick(1000, 10, 2)) {
		t.Error("another seed picks the same")
	}
}

func TestChangedBytes(t *testing.T) {
	pages := func(letters string) []byte {
		var out []byte
		for _, letter := range letters {
			out = append(out, bytes.Repeat([]byte{byte(letter)}, pageSize)...)
		}
		return out
	}
	long := string(bytes.Repeat([]byte("a"), 300)) // more than a block
	for _, test := range []struct {
		now, then string
		want      int64 // pages
	}{
		{"abc", "abc", 0},
		{"abc", "axc", 1},
		{"abc", "ab", 1},
		{"ab", "abc", 0}, // a page that went has no bytes
		{"abc", "", 3},
		{long + "bb", long + "ab", 1},
		{"b" + long, "a" + long, 1},
	} {
		now, then := filepath.Join(t.TempDir(), "now"), filepath.Join(t.TempDir(), "then")
		for path, letters := range map[string]string{now: test.now, then: test.then} {
			if err := os.WriteFile(path, pages(letters), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, follow := range []bool{false, true} {
			if got, err := changedBytes(now, then, follow); err != nil || got != test.want*pageSize {
				t.Errorf("%.9s… after %.9s…: %d bytes changed, error %v; want %d pages", test.now, test.then, got, err, test.want)
			}
		}
		if got, err := os.ReadFile(then); err != nil || !bytes.Equal(got, pages(test.now)) {
			t.Errorf("%.9s… after %.9s…: the copy did not follow, error %v", test.now, test.then, err)
		}
	}
}
