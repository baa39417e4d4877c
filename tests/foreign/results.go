package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A result is how a test ended, and what it printed.
type result struct {
	outcome string // pass, fail or skip, or one of those below
	output  string
}

const (
	absent   = "absent"
	unended  = "begun and not ended" // the process died
	together = "all together"        // the name of what is no single test: the build, the exit status
)

// results are those of one run, by the names of the tests.
type results map[string]*result

// read takes what go test -json prints.
func read(r io.Reader) (results, error) {
	got := results{together: {outcome: absent}}
	for events := json.NewDecoder(r); ; {
		var event struct{ Action, Test, Output string }
		switch err := events.Decode(&event); {
		case errors.Is(err, io.EOF):
			return got, nil
		case err != nil:
			return got, fmt.Errorf("go test: %w", err)
		}
		name := event.Test
		if name == "" {
			name = together
		}
		if got[name] == nil {
			got[name] = &result{outcome: unended}
		}
		switch event.Action {
		case "pass", "fail", "skip":
			got[name].outcome = event.Action
		case "output", "build-output":
			got[name].output += event.Output
		}
	}
}

// of gives a result also where there is none.
func (r results) of(name string) result {
	if got := r[name]; got != nil {
		return *got
	}
	return result{outcome: absent}
}

// tests counts, subtests too.
func (r results) tests() int { return len(r) - 1 }

func (r results) String() string {
	counts := make(map[string]int)
	for name, got := range r {
		if name != together {
			counts[got.outcome]++
		}
	}
	text := fmt.Sprintf("%d tests", r.tests())
	for _, outcome := range slices.Sorted(maps.Keys(counts)) {
		text += fmt.Sprintf(", %d %s", counts[outcome], outcome)
	}
	return strings.TrimSpace(text)
}
