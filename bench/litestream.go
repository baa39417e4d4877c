package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

const litestreamVersion = "v0.5.18"

// installLitestream builds Litestream into a directory, for the benchmark only.
func (b *bench) installLitestream(dir string) (string, error) {
	log.Printf("building Litestream %s", litestreamVersion)
	cmd := exec.CommandContext(b.ctx, "go", "install", "github.com/benbjohnson/litestream/cmd/litestream@"+litestreamVersion)
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go install: %w: %s", err, out)
	}
	return filepath.Join(dir, "litestream"), nil
}

// firstSnapshot makes Litestream's first snapshot in an empty replica directory,
// and stops. Litestream adds tables to the database, so it gets its own copy.
func (b *bench) firstSnapshot(database string) method {
	local := filepath.Join(filepath.Dir(database), "."+filepath.Base(database)+"-litestream")
	replica := filepath.Join(b.dir, "replica")
	return method{
		name:      "Litestream, first snapshot",
		args:      []string{b.litestream, "replicate", "-once", "-log-level", "error", database, "file://" + replica},
		makes:     []string{local, replica},
		temporary: []string{local},
		minor:     true,
	}
}
