package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	// proof is the test of the file loaded.
	proof = "TestVxsnapIsLoaded"

	// least is a plausible number of tests; the project had 109 in 2026.
	least = 90
)

// compare gives an error that names each test that ended in two ways. A process that
// dies leaves many of them absent, and says why in what all printed together.
func compare(without, with results) (err error) {
	if got := with.of(proof); got.outcome != "pass" {
		err = fmt.Errorf("with vxsnap, %s has to pass: %s%s", proof, got.outcome, got.complaint())
	}
	with = maps.Clone(with)
	delete(with, proof)
	for _, run := range []results{without, with} {
		if n := run.tests(); n < least {
			err = errors.Join(err, fmt.Errorf("%d tests ran, at least %d must", n, least))
		}
	}
	names := maps.Clone(without)
	maps.Copy(names, with)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		a, b := without.of(name), with.of(name)
		if a.outcome != b.outcome {
			err = errors.Join(err, fmt.Errorf("%s: without vxsnap %s, with it %s%s", name, a.outcome, b.outcome, a.complaint()+b.complaint()))
		}
	}
	return err
}

// complaint is what a test printed that did not pass, on lines of its own.
func (r result) complaint() string {
	if r.outcome == "pass" || r.output == "" {
		return ""
	}
	return "\n" + strings.TrimSpace(r.output)
}
