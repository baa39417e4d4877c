package main

import (
	"context"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	good := mutantOf("a + b", "a - b", "TestSum", "got -1")
	for _, c := range []struct {
		name, list, only string
		good             bool
		want             string // of the error
	}{
		{"killed", good, "", true, ""},
		{"survived", mutantOf("a + b", "b + a", "TestNothing", "got"), "", false, ""},
		{"none is asked for", mutantOf("a + b", "b + a", "TestNothing", "got"), "other", true, ""},
		{"old text twice", mutantOf("return", "panic", "TestSum", "got"), "", false, "sum.go has the old text 2 times, must have it once"},
		{"old text nowhere", mutantOf("a * b", "a / b", "TestSum", "got"), "", false, "sum.go has the old text 0 times"},
		{"no file", strings.Replace(good, "file: sum", "file: product", 1), "", false, "product.go: no such file"},
		{"the test is wrong", mutantOf("a + b", "a - b", "TestWrong", "wrong"), "", false, "TestWrong fails on the code as it is"},
		{"there is no test", mutantOf("a + b", "a - b", "TestProduct", "got"), "", false, "the package . has no test TestProduct"},
		{"a name twice", good + good, "", false, `two mutants have the name "a - b"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := run(t.Context(), module(t, c.list), "", c.only, 0, 1)
			if got != c.good || (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %t, %v, want %t, %q", got, err, c.good, c.want)
			}
		})
	}
}

// Interrupted, it judges no mutant.
func TestRunInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if good, err := run(ctx, module(t, mutantOf("a + b", "a - b", "TestSum", "got")), "", "", 0, 1); good || err == nil {
		t.Errorf("got %t, %v, want an error", good, err)
	}
}
