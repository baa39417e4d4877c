package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// An outcome is what a test did.
type outcome struct {
	compiled bool
	ran      bool // at least one test matched
	passed   bool
	output   string
}

// run builds and runs a test.
func (t tree) run(ctx context.Context, what test) outcome {
	binary, failed := t.build(ctx, what)
	if binary == "" {
		return failed
	}
	defer os.Remove(binary)
	return t.start(ctx, what, binary)
}

// build makes the test binary of a package, as go test does, but without vet and
// debug information. The paths in it are those of the module, so that trees share
// what the Go tools have built.
func (t tree) build(ctx context.Context, what test) (binary string, failed outcome) {
	if what.targets != "" {
		if out, err := t.command(ctx, 2*time.Minute, ".", "make", strings.Fields(what.targets)...); err != nil {
			return "", outcome{output: out}
		}
	}
	binary = filepath.Join(t.root, "mutant.test")
	out, err := t.command(ctx, 10*time.Minute, ".", "go", "test", "-c", "-vet=off", "-trimpath", "-ldflags=-s -w", "-o", binary, what.pkg)
	if err == nil {
		_, err = os.Stat(binary) // there is none where there are no tests
	}
	if err != nil {
		return "", outcome{output: out}
	}
	return binary, outcome{}
}

// start runs the tests of a binary. They end themselves after their timeout; if
// they cannot, they are ended a little later.
func (t tree) start(ctx context.Context, what test, binary string) outcome {
	out, err := t.command(ctx, what.timeout+10*time.Second, what.pkg, binary,
		"-test.paniconexit0", "-test.count=1", "-test.timeout="+what.timeout.String(), "-test.run="+what.pattern)
	if err != nil {
		out += "\n" + err.Error() + "\n"
	}
	return outcome{compiled: true, ran: !strings.Contains(out, "testing: warning: no tests to run"), passed: err == nil, output: out}
}

// command runs a program in a directory of the tree and gives what it prints.
func (t tree) command(ctx context.Context, limit time.Duration, dir, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = filepath.Join(t.root, dir)
	cmd.Env = append(os.Environ(), "PWD="+cmd.Dir)
	if os.Getenv("VECTORLITE") == "" {
		cmd.Env = append(cmd.Env, "VECTORLITE="+filepath.Join(t.root, ".tools/vectorlite.so"))
	}
	cmd.WaitDelay = 5 * time.Second // for what it started, and left
	out, err := cmd.CombinedOutput()
	return string(out), err
}
