package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A usage is what one process, with its children, took.
type usage struct {
	seconds float64
	memory  int64 // bytes, the largest of its processes
	written int64 // bytes handed to a file system, whether or not they reached the disk
	read    int64 // bytes that came from a disk
	result  int64 // bytes of what it made, where a method says what that is
}

// execute runs a method once, when nobody's pages wait to be written.
func (b *bench) execute(m method) (usage, error) {
	if m.before != nil {
		if err := m.before(); err != nil {
			return usage{}, fmt.Errorf("before %s: %w", m.name, err)
		}
	}
	if err := b.settle(); err != nil {
		return usage{}, err
	}
	if m.cold != "" {
		return b.executeCold(m)
	}
	return b.run(m)
}

// run runs a method once, checks what it prints, and removes what it made.
//
// GNU time reads the resources. This program cannot do it for its children:
// Linux counts the memory of the process that called exec into ru_maxrss. What
// came from a disk is read_bytes of /proc/PID/io, which Linux shows in ru_inblock
// in units of 512 bytes, and so after the end of the process too.
func (b *bench) run(m method) (usage, error) {
	defer m.clean()
	stat := filepath.Join(b.dir, "time.txt")
	cmd := b.command("time", "-f", "%M %O %I", "-o", stat)
	cmd.Args = append(cmd.Args, m.args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	used := usage{seconds: time.Since(start).Seconds()}
	if err != nil {
		return used, fmt.Errorf("%s: %w: %s", m.name, err, stderr.String())
	}
	if got := strings.TrimSpace(stdout.String()); m.want != "" && !strings.HasPrefix(got, m.want) {
		return used, fmt.Errorf("%s printed %q, want %q", m.name, got, m.want)
	}
	text, err := os.ReadFile(stat)
	if err != nil {
		return used, err
	}
	var kibibytes, out, in int64 // ru_maxrss, ru_oublock, ru_inblock
	if _, err := fmt.Sscan(string(text), &kibibytes, &out, &in); err != nil {
		return used, fmt.Errorf("output of time %q: %w", text, err)
	}
	used.memory, used.written, used.read = kibibytes<<10, out*512, in*512
	used.result, err = m.resultSize(stdout.String())
	return used, err
}

// resultSize is how many bytes a method has made, before they are removed.
func (m method) resultSize(printed string) (size int64, err error) {
	switch {
	case m.result != "":
		info, err := os.Stat(m.result)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", m.name, err)
		}
		return info.Size(), nil
	case m.prints:
		if _, err := fmt.Sscan(printed, &size); err != nil {
			return 0, fmt.Errorf("%s printed %q, want a size: %w", m.name, printed, err)
		}
	}
	return size, nil
}

// command prepares a process in a group of its own, whose temporary files go where
// the probe sees them. An interrupted run kills the group.
func (b *bench) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(b.ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	temporary := filepath.Join(b.dir, "tmp")
	_ = os.MkdirAll(temporary, 0o700) // a failure shows in the process that needs it
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "SQLITE_TMPDIR="+temporary)
	return cmd
}
