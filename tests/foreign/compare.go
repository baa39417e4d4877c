package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

const (
	// proof is the test of the file loaded.
	proof = "TestVxsnapIsLoaded"

	// least is a plausible number of tests; the project had 110 in 2026.
	least = 90

	// byTheClock ends with skip where 1,000 commits take less than 100 ms: on a disk
	// in memory it is one or the other.
	byTheClock = "TestExecContextCancel"
)

// compare gives an error that names each test that ended in two ways. Of runs that
// tell nothing it says that alone.
func compare(without, with results) (err error) {
	if got := with.of(proof); got.outcome != "pass" {
		return fmt.Errorf("vxsnap was not loaded: %s: %s\n%s%s", proof, got.outcome, got.output, with.of(together).output)
	}
	with = maps.Clone(with)
	delete(with, proof)
	for _, run := range []results{without, with} {
		if n := run.tests(); n < least {
			return fmt.Errorf("%d tests ran, at least %d must\n%s", n, least, run.of(together).output)
		}
	}
	names := maps.Clone(without)
	maps.Copy(names, with)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		a, b := without.of(name), with.of(name)
		if name == byTheClock {
			a.outcome, b.outcome = onTime(a.outcome), onTime(b.outcome)
		}
		if a.outcome != b.outcome {
			err = errors.Join(err, fmt.Errorf("%s: without vxsnap %s, with it %s\nwithout:\n%swith:\n%s",
				name, a.outcome, b.outcome, a.output, b.output))
		}
	}
	return err
}

func onTime(outcome string) string {
	if outcome == "skip" {
		return "pass"
	}
	return outcome
}
