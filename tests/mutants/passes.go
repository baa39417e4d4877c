package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
)

// passes returns an error if a test fails without any mutant. Each package is
// built once.
func passes(ctx context.Context, trees []tree, all []mutant) (err error) {
	groups := make(map[test][]test) // by package, and what it needs
	for _, m := range all {
		m.test.timeout = defaultTimeout
		if group := (test{pkg: m.test.pkg, targets: m.test.targets}); !slices.Contains(groups[group], m.test) {
			groups[group] = append(groups[group], m.test)
		}
	}
	packages := slices.Collect(maps.Keys(groups))
	var mu sync.Mutex
	fail := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		err = errors.Join(err, fmt.Errorf(format, args...))
	}
	each(trees, len(packages), func(t tree, i int) {
		binary, failed := t.build(ctx, packages[i])
		if binary == "" {
			fail("the tests of %s do not compile:\n%s", packages[i].pkg, tail(failed.output))
			return
		}
		defer os.Remove(binary)
		for _, what := range groups[packages[i]] {
			switch got := t.start(ctx, what, binary); {
			case !got.passed:
				fail("the test %s %s fails on the code as it is:\n%s", what.pkg, what.pattern, tail(got.output))
			case !got.ran:
				fail("the package %s has no test %s", what.pkg, what.pattern)
			}
		}
	})
	return errors.Join(ctx.Err(), err)
}

// each calls f for the numbers below n, with every tree in use by one call at a
// time.
func each(trees []tree, n int, f func(t tree, i int)) {
	next := make(chan int)
	var wait sync.WaitGroup
	for _, t := range trees {
		wait.Go(func() {
			for i := range next {
				f(t, i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}
