package cmd_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long anything is waited for before it counts as hanging.
const patience = 30 * time.Second

// until waits for what another process does.
func (p *place) until(what string, done func() bool) {
	p.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			p.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// hidden waits until there is a file or a directory that is not finished.
func (p *place) hidden() {
	p.Helper()
	p.until("a hidden name", func() bool {
		names, err := filepath.Glob(filepath.Join(p.dir, ".*.vxsnap-*"))
		return err == nil && len(names) > 0
	})
}

// lockedBy lets another process begin a transaction, which release ends.
func (p *place) lockedBy(database, begin string) (release func()) {
	p.Helper()
	cmd := exec.Command("sqlite3", "-bail", database)
	cmd.Dir = p.dir
	in, err := cmd.StdinPipe()
	if err != nil {
		p.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.Fatal(err)
	}
	if _, err := in.Write([]byte(begin + ";\nSELECT 'locked';\n")); err != nil {
		p.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "locked" {
	}
	if lines.Text() != "locked" {
		p.Fatalf("%s: %q, %v", begin, lines.Text(), lines.Err())
	}
	return func() {
		in.Close()
		_ = cmd.Wait()
	}
}

// stop sends a signal to a run, which must end with its code, in one line, at once.
func (p *place) stop(cmd *exec.Cmd, stdout, stderr *bytes.Buffer, signal syscall.Signal, says string) {
	p.Helper()
	if err := cmd.Process.Signal(signal); err != nil {
		p.Fatal(err)
	}
	defer time.AfterFunc(patience/3, func() { cmd.Process.Kill() }).Stop()
	p.fails(p.ended(cmd, cmd.Wait(), stdout, stderr), 128+int(signal), says)
}

// A signal ends every command at once, whatever it waits for, and leaves nothing behind.
func TestSignals(t *testing.T) {
	signals := map[syscall.Signal]string{syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM", syscall.SIGHUP: "SIGHUP"}
	for signal, name := range signals {
		t.Run(name, func(t *testing.T) {
			says := "stopped by " + name
			p := newPlace(t)
			p.good("save", "app.db", "x.tar")
			p.good("save", "app.db", "--store", "nights.db", "--create")
			start := func(stdin *os.File, args ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
				cmd, stdout, stderr := p.start(args...)
				if stdin != nil {
					cmd.Stdin = stdin
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				return cmd, stdout, stderr
			}

			// A save that waits for a lock, into a file; one that waits for the store's.
			release := p.lockedBy("app.db", "BEGIN EXCLUSIVE")
			cmd, stdout, stderr := start(nil, "save", "app.db", "y.tar.zst")
			p.hidden()
			p.stop(cmd, stdout, stderr, signal, says)
			release()
			p.has("app.db", "x.tar", "nights.db")

			release = p.lockedBy("nights.db", "BEGIN IMMEDIATE")
			cmd, stdout, stderr = start(nil, "save", "app.db", "--store", "nights.db")
			p.until("the store to be open", func() bool { return p.hasOpen(cmd.Process.Pid, "nights.db") })
			p.stop(cmd, stdout, stderr, signal, says)
			release()
			p.has("app.db", "x.tar", "nights.db")

			// What waits to open a store to which somebody writes.
			release = p.lockedBy("nights.db", "BEGIN EXCLUSIVE")
			for _, args := range []string{"list nights.db", "verify nights.db", "verify nights.db --all", "save app.db --store nights.db", "prune nights.db --keep-last 1"} {
				cmd, stdout, stderr = start(nil, strings.Fields(args)...)
				p.until("the store to be open", func() bool { return p.hasOpen(cmd.Process.Pid, "nights.db") })
				if p.stop(cmd, stdout, stderr, signal, says); t.Failed() {
					break // each would be waited for
				}
			}
			release()
			p.has("app.db", "x.tar", "nights.db")

			// A save to a pipe that nobody reads from.
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd, _, stderr = p.start("save", "app.db", "-")
			cmd.Stdout = write
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			write.Close()
			p.until("the pipe to be full", func() bool {
				held, err := unix.IoctlGetInt(int(read.Fd()), unix.TIOCINQ)
				return err == nil && held >= 60000 // of 65536
			})
			p.stop(cmd, new(bytes.Buffer), stderr, signal, says)
			read.Close()

			// A verify and a restore of a pipe that gives half of it.
			whole, err := os.ReadFile(filepath.Join(p.dir, "x.tar"))
			if err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"verify", "-"}, {"restore", "-", "out"}} {
				read, write, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				cmd, stdout, stderr := start(read, args...)
				read.Close()
				if _, err := write.Write(whole[:len(whole)/2]); err != nil {
					t.Fatal(err)
				}
				if args[0] == "restore" {
					p.hidden()
				}
				p.stop(cmd, stdout, stderr, signal, says)
				write.Close()
				p.has("app.db", "x.tar", "nights.db")
			}

			// A pipe with a name, whose writer writes nothing.
			if err := syscall.Mkfifo(filepath.Join(p.dir, "fifo"), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd, stdout, stderr = start(nil, "verify", "fifo")
			var writer *os.File
			p.until("the pipe to be opened", func() bool {
				writer, err = os.OpenFile(filepath.Join(p.dir, "fifo"), os.O_WRONLY|syscall.O_NONBLOCK, 0)
				return err == nil
			})
			p.stop(cmd, stdout, stderr, signal, says)
			writer.Close()
			p.good("verify", "nights.db", "--all")
		})
	}
}

// hasOpen says whether a process has a file open.
func (p *place) hasOpen(pid int, name string) bool {
	want := filepath.Join(p.dir, name)
	links, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "fd/*"))
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && to == want {
			return true
		}
	}
	return false
}

// A database that is locked for longer than --timeout is an error, and one that is not
// is waited for.
func TestLocked(t *testing.T) {
	p := newPlace(t)
	release := p.lockedBy("app.db", "BEGIN EXCLUSIVE")
	p.fails(p.run("save", "app.db", "x.tar", "--timeout", "0s"), 1, "database is locked")
	p.fails(p.run("files", "app.db", "--timeout", "0s"), 1, "database is locked")
	p.has("app.db")
	cmd, stdout, stderr := p.start("save", "app.db", "x.tar")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.hidden()
	release()
	if o := p.ended(cmd, cmd.Wait(), stdout, stderr); o.code != 0 || o.stderr != "" || !strings.HasPrefix(o.stdout, "x.tar: 1 file") {
		t.Errorf("%+v", o)
	}
	p.good("verify", "x.tar")
}

// A lock is waited for as long as --timeout says, which is longer than the 5 seconds of
// SQL, into a file and into a store.
func TestTimeout(t *testing.T) {
	p := newPlace(t)
	p.good("save", "app.db", "--store", "nights.db", "--create")
	release := p.lockedBy("app.db", "BEGIN EXCLUSIVE")
	begin := time.Now()
	file, fileOut, fileErr := p.start("save", "app.db", "x.tar")
	store, storeOut, storeErr := p.start("save", "app.db", "--store", "nights.db")
	for _, cmd := range []*exec.Cmd{file, store} {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	p.until("more than SQL waits", func() bool { return time.Since(begin) > 7*time.Second })
	release()
	if o := p.ended(file, file.Wait(), fileOut, fileErr); o.code != 0 {
		t.Errorf("%+v", o)
	}
	if o := p.ended(store, store.Wait(), storeOut, storeErr); o.code != 0 {
		t.Errorf("%+v", o)
	}
}
