package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSavedSizes(t *testing.T) {
	for _, test := range []struct{ sizes, want []int }{
		{[]int{16, 256, 2048}, []int{256, 2048}},
		{[]int{16, 256, 2048, 8192}, []int{256, 2048}},
		{[]int{16, 2048}, []int{16, 2048}},
		{[]int{16, 64}, []int{16, 64}},
		{[]int{2048}, []int{2048}},
		{[]int{256}, []int{256}},
	} {
		if got := (config{sizes: test.sizes}).savedSizes(); !slices.Equal(got, test.want) {
			t.Errorf("of %v saved files are measured at %v, want %v", test.sizes, got, test.want)
		}
	}
}

// exampleSaved is a result with figures that are easy to tell apart.
func exampleSaved(size int) *result {
	res := &result{size: size, bytes: 1e9, bare: usage{memory: 4 << 20}, saved: &saved{text: 2e9}}
	for i := range res.saved.pairs {
		res.saved.pairs[i] = pair{
			bytes: 1e9,
			mine:  row{verb: verbSave, method: tarName, peer: "p", ratio: 0.1 * float64(i+1), seconds: 1, memory: int64(10+i) << 20, result: 300},
			peer:  row{verb: verbSave, method: "p", seconds: 2, result: 300},
		}
	}
	res.saved.pairs[saveZstd].mine.result = 150
	res.saved.pairs[verifyZstd].mine.memory = 1 << 30 // no goal speaks of it
	return res
}

func TestSavedGoals(t *testing.T) {
	b := &bench{config: config{sizes: []int{16, growthSmall, goalSize}, only: onlySaved}}
	b.results = []*result{{size: 16}, exampleSaved(growthSmall), exampleSaved(goalSize)}
	var got []string
	for _, g := range b.goals() {
		got = append(got, g.what+" | "+g.limit()+" | "+g.measured()+" | "+g.verdict())
	}
	want := []string{
		"save to .tar ÷ .backup | ≤ 0.55 | 0.100 | pass",
		"save to .tar ÷ (cp + sync) | ≤ 1 | 0.200 | pass",
		"save of texts to .tar.zst ÷ (zstd -1 -T0 + sync) | ≤ 1.2 | 0.300 | pass",
		"size of texts in .tar.zst ÷ in what zstd -1 -T0 makes | ≤ 1 | 0.500 | pass",
		"size of texts in chunks of 64 KiB in zstd ÷ in what zstd -1 makes | ≤ 1.1 | 1.000 | pass",
		"restore from .tar ÷ (cp + sync + openssl) | ≤ 0.85 | 0.800 | pass",
		"restore from .tar.zst ÷ (zstd -d + sync) | ≤ 1.15 | 0.900 | pass",
		"peak memory above a bare sqlite3, save, restore from a saved file, chunks in zstd | ≤ 48 MiB | 14.0 MiB | pass",
	}
	for _, line := range slices.Clone(want) { // the smaller size, shown and not judged
		what, figures, _ := strings.Cut(line, " | ")
		want = append(want, what+", at 256 MB | "+strings.TrimSuffix(figures, "pass")+"not judged: for information, the goal is for 2 GB")
	}
	if !slices.Equal(got, want) {
		t.Errorf("goals are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Below 2 GB the goals that name no size are judged at the largest, that of cp is not.
func TestSavedGoalsSmall(t *testing.T) {
	b := &bench{config: config{sizes: []int{growthSmall}, only: onlySaved}, results: []*result{exampleSaved(growthSmall)}}
	for i, g := range b.goals() {
		want := "pass"
		if i == saveCopy {
			want = "not judged: a database of 2 GB is wanted"
		}
		if g.verdict() != want {
			t.Errorf("%s: %q, want %q", g.what, g.verdict(), want)
		}
	}
}

func TestResultSize(t *testing.T) {
	file := filepath.Join(t.TempDir(), "result")
	if err := os.WriteFile(file, make([]byte, 1234), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		method  method
		printed string
		want    int64
		wrong   bool
	}{
		{method{}, "17", 0, false},
		{method{result: file}, "17", 1234, false},
		{method{result: file + "x"}, "17", 0, true},
		{method{prints: true}, "17\n", 17, false},
		{method{prints: true}, "", 0, true},
	} {
		if got, err := test.method.resultSize(test.printed); got != test.want || (err != nil) != test.wrong {
			t.Errorf("%+v with %q made %d bytes, error %v; want %d", test.method, test.printed, got, err, test.want)
		}
	}
}

func TestSavedBars(t *testing.T) {
	var got []string
	for _, g := range exampleSaved(goalSize).saved.bars() {
		for _, b := range g.bars {
			got = append(got, g.heading+": "+b.name+" "+b.text())
		}
	}
	want := []string{
		"save: vxsnap, .tar 1000", "save: p 500", "save: p 500",
		"save, a database of texts: vxsnap, .tar 1000", "save, a database of texts: p 500",
	}
	if !slices.Equal(got, want) {
		t.Errorf("bars are %q, want %q", got, want)
	}
}
