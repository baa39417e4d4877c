package vxsnap_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
	"golang.org/x/sys/unix"
)

// What another process writes into a pipe is read as it comes: from one that comes
// after the reader, or from stdin.
func TestReadPipe(t *testing.T) {
	_, plain, packed := savedFiles(t)
	conn := open(t, ":memory:")
	for _, path := range []string{plain, packed} {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct {
			give int
			want string
		}{
			"all of it":                      {len(whole), "ok"},
			"a writer that dies":             {len(whole) / 2, "incomplete: the stream ends before "},
			"a writer that dies at once":     {0, "incomplete: the stream ends before metadata.json is whole"},
			"one that dies before the end":   {len(whole) - 1, "incomplete: the stream ends before "},
			"one that dies in the first row": {100, "incomplete: the stream ends before metadata.json is whole"},
		} {
			fifo := newPipe(t)
			written := make(chan error, 1)
			go func() { written <- writeLate(fifo, whole[:test.give]) }()
			got, err := tryText(conn, verifyOf+"vx_snapshot_read(?)", fifo)
			if late := <-written; late != nil {
				t.Fatal(late)
			}
			if err != nil {
				got = err.Error()
			}
			if prefix := "vx_snapshot_read: '" + fifo[:min(len(fifo), 80)]; test.want == "ok" && got != "ok" ||
				test.want != "ok" && (!strings.HasPrefix(got, prefix) || !strings.Contains(got, test.want)) {
				t.Errorf("%s, %s: got %s, want %s", filepath.Base(path), name, got, test.want)
			}
		}
		// In the shell, and with a writer that is slower than the reader.
		for _, source := range []string{"cat " + path, "(head -c 700; cat) <" + path, "dd status=none bs=100 if=" + path} {
			out, err := exec.Command("bash", "-c", source+" | sqlite3 -batch :memory: '.load "+library+"' \""+verifyOf+"vx_snapshot_read('/dev/stdin')\"").CombinedOutput()
			if err != nil || string(out) != "ok\n" {
				t.Errorf("%s: %s%v", source, out, err)
			}
		}
	}
}

// newPipe makes a FIFO.
func newPipe(t *testing.T) string {
	t.Helper()
	fifo := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	return fifo
}

// writeLate writes into a FIFO when somebody waits for a writer: to open it waits for that.
func writeLate(fifo string, content []byte) error {
	f, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// A pipe into which nobody writes, or only a byte now and then, is waited for until an
// interrupt comes.
func TestReadPipeInterrupted(t *testing.T) {
	_, plain, packed := savedFiles(t)
	conn := open(t, ":memory:")
	for _, path := range []string{plain, packed} {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, way := range []string{"no writer", "a writer that stops", "a slow writer"} {
			fifo := newPipe(t)
			ctx, cancel := context.WithCancel(t.Context())
			var writer *os.File
			if way != "no writer" {
				if writer, err = os.OpenFile(fifo, os.O_RDWR, 0); err != nil { // does not wait
					t.Fatal(err)
				}
				if _, err := writer.Write(whole[:60000]); err != nil {
					t.Fatal(err)
				}
			}
			ended := make(chan struct{})
			interrupted := make(chan time.Time, 1)
			go func() {
				for i := 60000; i < 60100; i++ {
					if way == "a slow writer" {
						_, _ = writer.Write(whole[i : i+1])
					}
					time.Sleep(2 * time.Millisecond)
				}
				interrupted <- time.Now()
				cancel()
				for i := 60100; way == "a slow writer" && i < len(whole); i++ {
					select {
					case <-ended:
						return
					case <-time.After(2 * time.Millisecond):
						_, _ = writer.Write(whole[i : i+1])
					}
				}
			}()
			var got any
			err := conn.QueryRowContext(ctx, verifyOf+"vx_snapshot_read(?)", fifo).Scan(&got)
			late := time.Since(<-interrupted)
			close(ended)
			var e sqlite3.Error
			if (!errors.As(err, &e) || e.Code != sqlite3.ErrInterrupt) && !errors.Is(err, context.Canceled) {
				t.Errorf("%s, %s: got %v, %v", filepath.Base(path), way, got, err)
			}
			if late > 200*time.Millisecond {
				t.Errorf("%s, %s: ended %v after the interrupt", filepath.Base(path), way, late)
			}
			if writer != nil {
				writer.Close()
			}
		}
	}
}
