package vxsnap_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/vxsnap/vxsnap"
)

// A program without cgo verifies and restores what this one saved, with each driver that
// needs no cgo.
func TestWithoutCgo(t *testing.T) {
	path := withVectors(t)
	saved := filepath.Join(t.TempDir(), "app.tar.zst")
	if _, err := vxsnap.SaveFile(ctx, path, saved, vxsnap.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	want := `^snap_\S+ is whole: \d+ bytes in 2 files\nintegrity_check: ok\nCREATE VIRTUAL TABLE v USING vectorlite\(e float32\[2\], hnsw\(max_elements=100\), '` + regexp.QuoteMeta(out) + `/index_0.idx'\)\n$`
	for _, c := range []struct {
		cgo, want string
		args      []string
	}{
		{"0", `^$`, []string{"vet", "./..."}},
		{"0", `^ok `, []string{"test", "-count=1", "."}},
		{"0", want, []string{"run", ".", saved, out}},
		{"1", `^ok `, []string{"test", "-count=1", "."}}, // beside another SQLite
	} {
		cmd := exec.Command("go", c.args...)
		cmd.Dir = "examples/nocgo"
		cmd.Env = append(os.Environ(), "CGO_ENABLED="+c.cgo, "SNAPSHOT="+saved)
		got, err := cmd.CombinedOutput()
		if err != nil || !regexp.MustCompile(c.want).Match(got) {
			t.Errorf("CGO_ENABLED=%s go %q: %v\n%s\nwant %s", c.cgo, c.args, err, got, c.want)
		}
	}
	// What it restored has vectors.
	_, conn := connect(t, vectorlite(), filepath.Join(out, "database.db"))
	if got := text(t, conn, nearest); got != "1,2,4" {
		t.Errorf("found %s", got)
	}
	// And so it builds: every package that reads.
	cmd := exec.Command("go", "build", ".", "./snapshot/...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if got, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go build: %v\n%s", err, got)
	}
}
