package main

import (
	"slices"
	"strings"
	"testing"
)

// exampleNights is a store with figures that are easy to tell apart.
func exampleNights(size int) *bench {
	list := func(name string, ratios ...float64) (nights []night) {
		for i, ratio := range ratios {
			nights = append(nights, night{
				changed: 1 << 20, name: name, other: "openssl",
				mine: usage{seconds: ratio, memory: 30 << 20, written: int64(i+2) << 20}, peer: usage{seconds: 1},
			})
		}
		return nights
	}
	s := &nights{
		bytes: 1 << 30, firstSize: 1 << 30, size: 1<<30 + 6<<20, bare: usage{memory: 4 << 20, written: 1 << 20},
		first: pair{bytes: 1 << 30, mine: row{method: goName, ratio: 1.3, seconds: 1, memory: 60 << 20}},
		inGo:  list(goName, 0.5, 3, 1), after: list(goName, 1), shell: list(shellName, 2, 1, 3),
		pruned: row{verb: verbPrune, method: goName, seconds: 3.5, memory: 50 << 20},
	}
	for i, ratio := range []float64{1.1, 2, 1.2, 0.9} {
		r := nightRestored{n: i/2 + 1}
		r.mine = row{method: []string{goName, shellName}[i%2], ratio: ratio, seconds: 1, memory: 20 << 20}
		s.restores = append(s.restores, r)
	}
	return &bench{config: config{sizes: []int{size}, only: onlyStore}, nights: s}
}

func TestNightsGoals(t *testing.T) {
	const shown = " | not judged: for information, the goal is for Go"
	want := []string{
		"store of 30 nights, 1 % of the rows changed: size ÷ (the database + the changed pages) | ≤ 1.1 | 1.003 | pass",
		"a night ÷ openssl | ≤ 1.15 | 1.000 | pass",
		"bytes that a night writes ÷ bytes of the changed pages | ≤ 2.2 | 2.000 | pass",
		"the first night ÷ .backup, both with a sync | ≤ 1.5 | 1.300 | pass",
		"restore of a night from a store ÷ restore of a .tar of it, the slowest | ≤ 1.4 | 1.200 | pass",
		"restore of a night from a store ÷ restore of a .tar of it, the slowest, in the shell | ≤ 1.4 | 2.000" + shown,
		"prune of 20 of 30 nights | ≤ 4 s | 3.500 s | pass",
		"growth of the store in the nights after that | ≤ 0 bytes | 0 bytes | pass",
		"memory above a bare sqlite3 and 32 bytes a chunk, nights, restores and prune | ≤ 48 MiB | 48.0 MiB | pass",
		"a night in the shell ÷ openssl | ≤ 1.15 | 2.000" + shown,
		"bytes that a night in the shell writes ÷ bytes of the changed pages | ≤ 2.2 | 2.000" + shown,
	}
	if got := goalLines(exampleNights(goalSize)); !slices.Equal(got, want) {
		t.Errorf("goals are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, line := range goalLines(exampleNights(64)) {
		if !strings.HasSuffix(line, "| not judged: a database of 1 GB is wanted") {
			t.Errorf("at 64 MB: %s", line)
		}
	}
}

func TestNightsSection(t *testing.T) {
	var w strings.Builder
	exampleNights(goalSize).writeNights(&w)
	for _, want := range []string{
		"finds 3.0 MiB of pages that differ in 29 nights",
		"\n| save | nights 2 to 30 | **vxsnap, store in Go** | 1.000 | 1074 | openssl | 1.00 | 30.0 | 26.0 | 2.0 |\n",
		"\n| save | nights 32 to 34 | **vxsnap, store in the shell** | 2.000 | 537 | openssl | 2.00 | 30.0 | 26.0 | 2.0 |\n",
		"\n| prune | 20 of 30 nights | **vxsnap, store in Go** | 3.500 | 307 |  |  | 50.0 | 46.0 | 0 |\n",
		"\nA night in Go writes 1.00 to 3.00 times the bytes of the pages that changed.\n",
	} {
		if !strings.Contains(w.String(), want) {
			t.Errorf("the section lacks %q:\n%s", want, w.String())
		}
	}
}
