package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const project = "github.com/mattn/go-sqlite3"

// loaded is one more test file. It may import extension, which imports nothing of
// the project, and its build tag says whether it is there.
//
//go:embed testdata/loaded_test.go
var loaded []byte

// A workspace is one of the Go tools: the module in root, and beside it a copy of
// the project with the test file loaded.
type workspace struct {
	Path, Version string // where the copy comes from
	Dir           string // the original

	root, file string // file is the go.work
}

// makeWorkspace copies the project, which may write into its own directory. remove
// works also after an error.
func makeWorkspace(ctx context.Context, root string) (w *workspace, remove func(), err error) {
	parent, err := os.MkdirTemp("", "foreign-")
	if err != nil {
		return nil, func() {}, err
	}
	remove = func() { os.RemoveAll(parent) }
	w = &workspace{root: root, file: "off"} // whoever starts this may have a go.work, whose versions are others
	out, err := w.command(ctx, "mod", "download", "-json", project).Output()
	if err == nil {
		err = json.Unmarshal(out, w)
	}
	if err != nil {
		return nil, remove, fmt.Errorf("go mod download: %w: %s", err, out)
	}
	dir := filepath.Join(parent, "copy")
	if err := os.CopyFS(dir, os.DirFS(w.Dir)); err != nil {
		return nil, remove, err
	}
	if err := os.WriteFile(filepath.Join(dir, "vxsnap_loaded_test.go"), loaded, 0o600); err != nil {
		return nil, remove, err
	}
	w.file = filepath.Join(parent, "go.work")
	return w, remove, w.command(ctx, "work", "init", ".", dir).Run()
}

// test runs the project's tests. What they are about is theirs, so that vet is off.
func (w *workspace) test(ctx context.Context, tags string) (results, error) {
	cmd := w.command(ctx, "test", "-json", "-count=1", "-vet=off", "-tags="+tags, project)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	got, err := read(out)
	// A test that failed makes this an error, and is among the results.
	if ended := cmd.Wait(); err == nil && cmd.ProcessState.ExitCode() < 0 {
		err = fmt.Errorf("go test: %w", ended)
	}
	return got, err
}

// command is one of the Go tool. An interrupt ends its tests, too.
func (w *workspace) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Stderr = w.root, os.Stderr
	cmd.Env = append(os.Environ(), "GOWORK="+w.file)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}
