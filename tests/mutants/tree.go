package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A tree is a copy of the working tree that one worker edits.
type tree struct{ root string }

// makeTrees copies what git tracks and what it would track, without what it
// ignores, n times; .tools is a link to the one that is there. remove works also
// after an error.
func makeTrees(ctx context.Context, root string, n int) (trees []tree, remove func(), err error) {
	parent, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return nil, func() {}, err
	}
	remove = func() { os.RemoveAll(parent) }
	names, err := git(ctx, root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, remove, err
	}
	tools, err := filepath.Abs(filepath.Join(root, ".tools"))
	if err != nil {
		return nil, remove, err
	}
	for i := range n {
		t := tree{filepath.Join(parent, fmt.Sprint(i))}
		for _, name := range names {
			if err := copyFile(filepath.Join(root, name), filepath.Join(t.root, name)); err != nil {
				return nil, remove, err
			}
		}
		if err := os.Symlink(tools, filepath.Join(t.root, ".tools")); err != nil {
			return nil, remove, err
		}
		trees = append(trees, t)
	}
	return trees, remove, nil
}

// copyFile copies a file, or a symbolic link as one. A name that git knows and
// that was removed is left out.
func copyFile(from, to string) error {
	info, err := os.Lstat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o700)
	}
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, info.Mode().Perm())
}

// edit makes a mutant, and gives what takes it back.
func (t tree) edit(m *mutant) (restore func() error, err error) {
	path := filepath.Join(t.root, m.file)
	before, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	after := strings.Replace(string(before), m.old, m.new, 1)
	return func() error { return os.WriteFile(path, before, 0o600) }, os.WriteFile(path, []byte(after), 0o600)
}

// checkEdits finds the entries whose old text is not in their file once.
func checkEdits(root string, all []mutant) (err error) {
	for i := range all {
		m := &all[i]
		text, failed := os.ReadFile(filepath.Join(root, m.file))
		if n := strings.Count(string(text), m.old); failed == nil && n != 1 {
			failed = fmt.Errorf("%s has the old text %d times, must have it once", m.file, n)
		}
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("%s: %s: %w", m.list, m.name, failed))
		}
	}
	return err
}
