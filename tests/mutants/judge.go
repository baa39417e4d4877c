package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"
)

// A verdict is what became of a mutant.
type verdict string

const (
	killed   verdict = "killed"
	survived verdict = "SURVIVED"
	broken   verdict = "does not compile"
	strange  verdict = "failed for another reason"
)

// judge runs the mutant's test on the mutant.
func judge(ctx context.Context, t tree, m *mutant) (v verdict, output string, err error) {
	restore, err := t.edit(m)
	if err != nil {
		return "", "", err
	}
	got := t.run(ctx, m.test)
	return verdictOf(m.fails, got), got.output, restore()
}

// crash is where a test says that it did not end by itself.
var crash = regexp.MustCompile(`(?m)^(panic: |fatal error: |SIG[A-Z]+: |signal: )`)

func verdictOf(fails *regexp.Regexp, got outcome) verdict {
	switch {
	case !got.compiled:
		return broken
	case got.passed:
		return survived
	}
	text := got.output
	if at := crash.FindStringIndex(text); at != nil {
		text = text[at[0]:]
	}
	if !fails.MatchString(text) {
		return strange
	}
	return killed
}

// judgeAll runs the tests on the code as it is, which they have to pass, and then
// on each mutant. It reports whether all were killed.
func judgeAll(ctx context.Context, out io.Writer, trees []tree, all []mutant) (bool, error) {
	if err := passes(ctx, trees, all); err != nil {
		return false, err
	}
	var mu sync.Mutex
	var failed error
	count := make(map[verdict]int)
	each(trees, len(all), func(t tree, i int) {
		begin := time.Now()
		v, output, err := judge(ctx, t, &all[i])
		mu.Lock()
		defer mu.Unlock()
		if err != nil || ctx.Err() != nil {
			failed = fmt.Errorf("%s: %w", all[i].name, errors.Join(ctx.Err(), err))
			return
		}
		count[v]++
		fmt.Fprintf(out, "%s: %s: %s (%.1fs)\n", v, strings.TrimPrefix(all[i].list, "tests/mutants/"), all[i].name, time.Since(begin).Seconds())
		if v != killed {
			fmt.Fprint(out, tail(output))
		}
	})
	if failed != nil {
		return false, failed
	}
	if wrong := count[broken] + count[strange]; wrong > 0 {
		fmt.Fprintf(out, "%d mutants, %d survived, %d wrong in the list\n", len(all), count[survived], wrong)
		return false, nil
	}
	fmt.Fprintf(out, "%d mutants, %d survived\n", len(all), count[survived])
	return count[survived] == 0, nil
}

// tail is the last lines of an output, set in.
func tail(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return "\t" + strings.Join(lines[max(0, len(lines)-20):], "\n\t") + "\n"
}
