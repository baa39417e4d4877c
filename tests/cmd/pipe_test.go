package cmd_test

import (
	"bytes"
	"io"
	"os/exec"
	"testing"
)

// save - | restore - gives the database, plain and compressed.
func TestPipe(t *testing.T) {
	for _, flag := range []string{"--compress=false", "--compress"} {
		p := newPlace(t)
		save, _, saveErr := p.start("save", "app.db", "-", flag)
		restore, stdout, stderr := p.start("restore", "-", "out")
		save.Stdout = nil
		pipe, err := save.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		restore.Stdin = pipe
		for _, cmd := range []*exec.Cmd{save, restore} {
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
		}
		pipe.Close()
		restored := p.ended(restore, restore.Wait(), stdout, stderr)
		saved := p.ended(save, save.Wait(), new(bytes.Buffer), saveErr)
		if saved != (outcome{}) || restored.code != 0 || restored.stderr != "" {
			t.Errorf("save: %+v, restore: %+v", saved, restored)
		}
		p.same("out")
		p.has("app.db", "out")
	}
}

// A stream that is cut, anywhere, is exit code 3 of restore and of verify, and nothing is
// left behind.
func TestPipeCut(t *testing.T) {
	for _, flag := range []string{"--compress=false", "--compress"} {
		p := newPlace(t)
		save, stream, _ := p.start("save", "app.db", "-", flag)
		if err := save.Run(); err != nil {
			t.Fatal(err)
		}
		whole := stream.Bytes()
		for _, n := range []int{0, 1, 3, 511, 512, 2000, len(whole) / 2, len(whole) - 1} {
			for _, args := range [][]string{{"restore", "-", "out"}, {"verify", "-"}} {
				cmd, stdout, stderr := p.start(args...)
				cmd.Stdin = bytes.NewReader(whole[:n])
				p.fails(p.ended(cmd, cmd.Run(), stdout, stderr), 3, args[0]+": 'standard input': incomplete: ")
				p.has("app.db")
			}
		}
	}
}

// A reader that goes away in the middle is exit code 1 and one line, and no signal.
func TestReaderGone(t *testing.T) {
	p := newPlace(t)
	save, _, stderr := p.start("save", "app.db", "-")
	save.Stdout = nil
	pipe, err := save.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := save.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, pipe, 100000); err != nil {
		t.Fatal(err)
	}
	pipe.Close()
	p.fails(p.ended(save, save.Wait(), new(bytes.Buffer), stderr), 1, "broken pipe")
	p.has("app.db")
}

// Where nobody reads what is printed, it is an error too, after the work was done.
func TestResultUnread(t *testing.T) {
	p := newPlace(t)
	got := p.sh("sh", "-c", command+` save app.db x.tar >/dev/full 2>err; echo $?; cat err`)
	if want := "1\nvxsnap: print the result: write /dev/stdout: no space left on device\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.good("verify", "x.tar")
}
