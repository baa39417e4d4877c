package raft_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A node is a process of examples/raft.
type node struct {
	t         testing.TB
	dir       string
	http, tcp string
	advertise string   // where the others reach tcp, if not there
	flags     []string // beside the addresses

	command *exec.Cmd
	exited  chan struct{}
	log     *lineLog
}

// freeAddress is a port of loopback that was free a moment ago.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func newNode(t testing.TB, dir string, flags ...string) *node {
	n := &node{t: t, dir: dir, http: freeAddress(t), tcp: freeAddress(t), flags: flags, log: new(lineLog)}
	t.Cleanup(func() {
		n.kill()
		if t.Failed() {
			t.Logf("the last words of %s:\n%s", n.http, n.log.tail(4000))
		}
	})
	return n
}

func (n *node) start(flags ...string) {
	n.t.Helper()
	args := []string{"-dir", n.dir, "-http", n.http, "-raft", n.tcp, "-vectorlite", os.Getenv("VECTORLITE")}
	if n.advertise != "" {
		args = append(args, "-advertise", n.advertise)
	}
	n.command = exec.Command(binary, append(append(args, n.flags...), flags...)...)
	n.command.Stderr = n.log
	n.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := n.command.Start(); err != nil {
		n.t.Fatal(err)
	}
	exited, command := make(chan struct{}), n.command
	n.exited = exited
	go func() {
		command.Wait()
		close(exited)
	}()
}

func (n *node) kill() { n.signal(syscall.SIGKILL) }

// stop asks the process to end, and says with which code it did.
func (n *node) stop() int {
	n.signal(syscall.SIGTERM)
	return n.command.ProcessState.ExitCode()
}

func (n *node) signal(s syscall.Signal) {
	if n.command == nil || n.command.Process == nil {
		return
	}
	n.command.Process.Signal(s)
	<-n.exited
}

func (n *node) running() bool {
	select {
	case <-n.exited:
		return false
	default:
		return true
	}
}

// checkState looks at what a process that is no more has left: the current
// state is whole, and there is at most one more that was being made.
func (n *node) checkState() {
	n.t.Helper()
	state := filepath.Join(n.dir, "state")
	out, err := exec.Command("sqlite3", filepath.Join(state, "current", "database.db"),
		"PRAGMA integrity_check; SELECT count(*) FROM raftsnap_applied").CombinedOutput()
	if err != nil || string(out) != "ok\n1\n" {
		n.t.Errorf("the current state of %s: %s %v", n.http, out, err)
	}
}

// A lineLog keeps what a process writes.
type lineLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lineLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lineLog) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Len()
}

func (l *lineLog) tail(most int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text.Bytes()
	return string(text[max(0, len(text)-most):])
}

// since gives what was written behind a size.
func (l *lineLog) since(size int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text.Bytes()[size:])
}

// wait waits for a line that matches, behind what was written at size.
func (n *node) wait(size int, pattern string) string {
	n.t.Helper()
	line := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(200 * time.Microsecond) {
		if found := line.FindString(n.log.since(size)); found != "" {
			return found
		}
	}
	n.t.Fatalf("%s has not written %q:\n%s", n.http, pattern, n.log.tail(4000))
	return ""
}

// rss is the anonymous memory of the process in bytes.
func (n *node) rss() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.command.Process.Pid))
	if err != nil {
		return 0
	}
	var kb int64
	if at := bytes.Index(text, []byte("RssAnon:")); at >= 0 {
		fmt.Sscanf(string(text[at:]), "RssAnon: %d kB", &kb)
	}
	return kb << 10
}
