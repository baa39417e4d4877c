package cmd_test

import (
	"os/exec"
	"syscall"
	"testing"
)

// A signal that whoever started the command lets it ignore, as nohup and a shell's & do, ends
// nothing.
func TestIgnoredSignals(t *testing.T) {
	p := newPlace(t)
	defer p.lockedBy("app.db", "BEGIN EXCLUSIVE")()
	_, stdout, stderr := p.start()
	cmd := exec.Command("sh", "-c", `trap "" HUP INT; exec "$@"`, "sh", command, "save", "app.db", "x.tar")
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.dir, stdout, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.hidden()
	for _, ignored := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT} {
		if err := cmd.Process.Signal(ignored); err != nil {
			t.Fatal(err)
		}
	}
	p.stop(cmd, stdout, stderr, syscall.SIGTERM, "stopped by SIGTERM")
	p.has("app.db")
}
