package vxsnap_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// An otherProcess is the real sqlite3 shell in another process.
type otherProcess struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// startShell starts one on a database.
func startShell(t testing.TB, file string, lines ...string) *otherProcess {
	t.Helper()
	s := &otherProcess{t: t, cmd: exec.Command("sqlite3", "-batch", file)}
	s.cmd.Stderr = s.cmd.Stdout
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = os.Stderr
	s.out = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	s.say(lines...)
	return s
}

// say has the shell do the lines, and returns when it has.
func (s *otherProcess) say(lines ...string) {
	s.t.Helper()
	for _, line := range append(lines, ".print done") {
		if _, err := fmt.Fprintln(s.in, line); err != nil {
			s.t.Fatal(err)
		}
	}
	for {
		line, err := s.out.ReadString('\n')
		if err != nil {
			s.t.Fatalf("the shell ended: %v", err)
		}
		if line == "done\n" {
			return
		}
	}
}

// close ends the shell, and with it its connection.
func (s *otherProcess) close() {
	if s.in == nil {
		return
	}
	s.in.Close()
	s.in = nil
	s.cmd.Wait()
}

func loadVectorlite() string { return ".load " + os.Getenv("VECTORLITE") }
