// Mutants takes the checks that promises rest on out of the code, one at a time,
// and runs the test that must then fail:
//
//	go run ./tests/mutants [-changed-since REV] [-only REGEXP] [-at-most N] [-j N]
//
// The lists are the files *.txt of this directory, see [parse]. The code itself
// is not touched: each worker edits a copy of the working tree. First every test
// of a list has to pass on the code as it is. Then each mutant gets one line:
// killed, SURVIVED, does not compile, or failed for another reason. All but the
// first make the exit status 1.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
)

func main() {
	since := flag.String("changed-since", "", "only mutants whose file, test or list differs from this `commit`")
	only := flag.String("only", "", "only mutants whose name, file or list matches this `regexp`")
	most := flag.Int("at-most", 0, "a sample of so many of those `mutants`, spread over the lists; 0 is all")
	workers := flag.Int("j", 2, "how many `tests` run at the same time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	good, err := run(ctx, ".", *since, *only, *most, *workers)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
	}
	if err != nil || !good {
		os.Exit(1)
	}
}

// run reports whether every mutant that was asked for was killed.
func run(ctx context.Context, root, since, only string, most, workers int) (bool, error) {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return false, fmt.Errorf("-only: %w", err)
	}
	all, err := readLists(root)
	if err != nil {
		return false, err
	}
	all = matching(all, pattern)
	if since != "" {
		if all, err = changedSince(ctx, root, since, all); err != nil {
			fmt.Printf("all mutants run: %v\n", err)
		}
	}
	if err := checkEdits(root, all); err != nil {
		return false, err
	}
	if sampled := sample(all, most); len(sampled) < len(all) {
		fmt.Printf("a sample: %d of %d mutants\n", len(sampled), len(all))
		all = sampled
	}
	trees, remove, err := makeTrees(ctx, root, min(max(workers, 1), len(all)))
	defer remove()
	if err != nil {
		return false, err
	}
	return judgeAll(ctx, os.Stdout, trees, all)
}
