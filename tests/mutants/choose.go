package main

import (
	"context"
	"fmt"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
)

// matching are the mutants whose name, file or list matches.
func matching(all []mutant, pattern *regexp.Regexp) []mutant {
	return slices.DeleteFunc(slices.Clone(all), func(m mutant) bool {
		return !pattern.MatchString(m.name) && !pattern.MatchString(m.file) && !pattern.MatchString(m.list)
	})
}

// changedSince are the mutants whose file, list or test package differs between
// a commit and the working tree. With an error it gives all.
func changedSince(ctx context.Context, root, commit string, all []mutant) ([]mutant, error) {
	changed, err := git(ctx, root, "diff", "--name-only", "-z", commit, "--")
	if err != nil {
		return all, err
	}
	untracked, err := git(ctx, root, "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return all, err
	}
	changed = append(changed, untracked...)
	return slices.DeleteFunc(slices.Clone(all), func(m mutant) bool {
		return !slices.ContainsFunc(changed, func(name string) bool {
			return name == m.file || name == m.list || path.Dir(name) == path.Clean(m.test.pkg)
		})
	}), nil
}

// git gives the names that a command of git prints, each with a NUL behind it.
func git(ctx context.Context, root string, args ...string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = root
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(complaint.String()))
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 }), nil
}

// sample gives at most so many of the mutants, evenly spread; all if most is 0.
func sample(all []mutant, most int) []mutant {
	if most <= 0 || len(all) <= most {
		return all
	}
	some := make([]mutant, most)
	for i := range some {
		some[i] = all[i*len(all)/most]
	}
	return some
}
