package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestChangedSize(t *testing.T) {
	for _, test := range []struct {
		sizes []int
		want  int
	}{
		{[]int{16, 256, 2048}, 1024},
		{[]int{16, 1024}, 1024},
		{[]int{16, 64}, 64},
		{[]int{8192}, 1024},
	} {
		if got := (config{sizes: test.sizes}).changedSize(); got != test.want {
			t.Errorf("of %v increments are measured at %d, want %d", test.sizes, got, test.want)
		}
	}
}

// goalLines are the goals as the report has them.
func goalLines(b *bench) (lines []string) {
	for _, g := range b.goals() {
		lines = append(lines, g.what+" | "+g.limit()+" | "+g.measured()+" | "+g.verdict())
	}
	return lines
}

// exampleIncrement is one with figures that are easy to tell apart.
func exampleIncrement(size int) *bench {
	inc := &increment{
		bytes: 1 << 30, changed: 1000, fileRows: 1000, rows: 1010, manifest: 90, file: 5000, bare: usage{memory: 4 << 20},
	}
	for i := range inc.pairs {
		inc.pairs[i] = pair{bytes: 1 << 30, mine: row{method: incrementName, ratio: 0.1 * float64(i+1), seconds: 1, memory: int64(40+i) << 20}}
	}
	inc.pairs[incrementSync].peer.result = 1000
	return &bench{config: config{sizes: []int{size}, only: onlyIncrement}, increment: inc}
}

func TestIncrementGoals(t *testing.T) {
	want := []string{
		"increment, 1 % of the rows changed: bytes of all rows ÷ bytes of the changed pages | ≤ 1.02 | 1.010 | pass",
		"increment ÷ export, chunks of 4 KiB | ≤ 0.9 | 0.100 | pass",
		"increment ÷ openssl | ≤ 0.7 | 0.200 | pass",
		"memory above a bare sqlite3 and 32 bytes a chunk, manifest, increment, restore on a base | ≤ 48 MiB | 32.0 MiB | pass",
		"sync of a stale copy ÷ sqlite3_rsync | ≤ 0.5 | 0.500 | pass",
		"bytes of its manifest and rows ÷ what sqlite3_rsync sends | ≤ 1.15 | 1.100 | pass",
	}
	if got := goalLines(exampleIncrement(goalSize)); !slices.Equal(got, want) {
		t.Errorf("goals are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, line := range goalLines(exampleIncrement(64)) {
		if !strings.HasSuffix(line, "| not judged: a database of 1 GB is wanted") {
			t.Errorf("at 64 MB: %s", line)
		}
	}
}

func TestIncrementWithoutRsync(t *testing.T) {
	b := exampleIncrement(goalSize)
	b.increment.rsyncErr, b.increment.pairs[incrementSync] = errors.New("no compiler"), pair{}
	got := goalLines(b)
	want := []string{
		"sync of a stale copy ÷ sqlite3_rsync | ≤ 0.5 |  | not judged: no compiler",
		"bytes of its manifest and rows ÷ what sqlite3_rsync sends | ≤ 1.15 |  | not judged: no compiler",
	}
	if !slices.Equal(got[4:], want) {
		t.Errorf("goals are\n%s\nwant\n%s", strings.Join(got[4:], "\n"), strings.Join(want, "\n"))
	}
	var w strings.Builder
	b.writeIncrement(&w)
	if text := w.String(); !strings.HasSuffix(text, "\nsqlite3_rsync was not measured: no compiler\n") || strings.Contains(text, "| sync |") {
		t.Errorf("the section is\n%s", text)
	}
}
