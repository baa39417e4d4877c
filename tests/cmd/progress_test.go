package cmd_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal runs the command with standard error on a terminal, and gives what it shows.
// While it runs, during may be given what it has shown so far.
func (p *place) terminal(stdin io.Reader, during func(shown string), args ...string) (stdout, shown string, code int) {
	p.Helper()
	ours, theirs, err := pty.Open()
	if err != nil {
		p.Fatal(err)
	}
	defer ours.Close()
	if err := pty.Setsize(ours, &pty.Winsize{Rows: 25, Cols: 120}); err != nil {
		p.Fatal(err)
	}
	cmd, out, _ := p.start(args...)
	cmd.Stdin, cmd.Stderr = stdin, theirs
	if err := cmd.Start(); err != nil {
		p.Fatal(err)
	}
	theirs.Close()
	defer time.AfterFunc(patience, func() { cmd.Process.Kill() }).Stop()
	var all bytes.Buffer
	for buf := make([]byte, 4096); err == nil; {
		var n int
		n, err = ours.Read(buf)
		all.Write(buf[:n])
		if during != nil {
			during(all.String())
		}
	}
	if !errors.Is(err, syscall.EIO) { // which is the end of a terminal
		p.Fatal(err)
	}
	o := p.ended(cmd, cmd.Wait(), out, new(bytes.Buffer))
	return o.stdout, all.String(), o.code
}

var progressBar = regexp.MustCompile(`restore [0-9.]+ [kMB]+ of 6\.\d MB \[[^]]*\] *\d+ % [0-9.]+ ?[kMGB]+/s, .*\d+s left`)

// A terminal gets a bar with rate and time left, which goes away before the result; the
// other half of the stream comes when the bar was seen.
func TestProgress(t *testing.T) {
	p := newPlace(t)
	p.good("save", "app.db", "x.tar")
	whole := []byte(p.sh("cat", "x.tar"))
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	half, seen := make(chan struct{}), false
	go func() {
		defer write.Close()
		if _, err := write.Write(whole[:len(whole)/2]); err != nil {
			return
		}
		<-half
		_, _ = write.Write(whole[len(whole)/2:])
	}()
	stdout, shown, code := p.terminal(read, func(shown string) {
		if !seen && progressBar.MatchString(shown) {
			seen = true
			close(half)
		}
	}, "restore", "-", "out")
	if code != 0 || !strings.HasPrefix(stdout, "out: 1 file of 6.") {
		t.Errorf("exit code %d, printed %q, showed %q", code, stdout, shown)
	}
	if end := shown[strings.LastIndex(shown, "left"):]; !strings.Contains(end, "\x1b[J") && !strings.Contains(end, "\x1b[0J") && !strings.Contains(end, "\x1b[K") {
		t.Errorf("the bar stays: %q", end)
	}
	p.same("out")
}

// Save, restore and verify have it, of files and of stores; --quiet has none, and
// neither has what is no terminal.
func TestProgressEverywhere(t *testing.T) {
	p := newPlace(t)
	for _, args := range []string{
		"save app.db x.tar.zst", "save app.db --store nights.db --create", "verify x.tar.zst", "verify nights.db", "verify nights.db --all",
		"restore x.tar.zst out", "restore nights.db out2", "list nights.db --verify",
	} {
		words := strings.Fields(args)
		what := words[0]
		if what == "list" {
			what = "verify"
		}
		stdout, shown, code := p.terminal(nil, nil, words...)
		if code != 0 || stdout == "" || !strings.Contains(shown, what+" ") || !strings.Contains(shown, "left") {
			t.Errorf("%s: exit code %d, printed %q, showed %q", args, code, stdout, shown)
		}
	}
	for _, args := range []string{"save app.db y.tar -q", "verify nights.db --quiet", "restore nights.db out3 -q", "list nights.db"} {
		if _, shown, code := p.terminal(nil, nil, strings.Fields(args)...); code != 0 || shown != "" {
			t.Errorf("%s: exit code %d, showed %q", args, code, shown)
		}
	}
}

// A snapshot neither goes to a terminal nor comes from one.
func TestTerminalRefused(t *testing.T) {
	p := newPlace(t)
	for _, c := range []struct{ args, says string }{
		{"save app.db -", "standard output is a terminal, must be a pipe or a file"},
		{"verify -", "standard input is a terminal, must be a snapshot"},
		{"restore - out", "standard input is a terminal, must be a snapshot"},
	} {
		cmd := exec.Command(command, strings.Fields(c.args)...)
		cmd.Dir = p.dir
		ours, err := pty.Start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(patience/3, func() { cmd.Process.Kill() })
		shown, _ := io.ReadAll(ours) // it ends with EIO
		ours.Close()
		kill.Stop()
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 2 || !strings.HasPrefix(string(shown), "vxsnap: "+c.says) {
			t.Errorf("%s: %v, showed %q", c.args, err, shown)
		}
		p.has("app.db")
	}
}
