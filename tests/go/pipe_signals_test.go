package vxsnap_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
	"golang.org/x/sys/unix"
)

// Signals, which end a wait early, are neither the end of a pipe that has no writer yet nor
// do they keep an interrupt away.
func TestReadPipeSignals(t *testing.T) {
	_, plain, _ := savedFiles(t)
	whole, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	conn := open(t, ":memory:")
	for _, way := range []string{"no writer", "a writer that comes late"} {
		fifo := newPipe(t)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		if way != "no writer" {
			ctx, cancel = context.WithCancel(t.Context())
		}
		wrote, ended := make(chan error, 1), make(chan struct{})
		go func() {
			for begin := time.Now(); ; time.Sleep(2 * time.Millisecond) {
				select {
				case <-ended:
					return
				default:
				}
				signalThreads()
				if way != "no writer" && time.Since(begin) > 300*time.Millisecond {
					break
				}
			}
			wrote <- os.WriteFile(fifo, whole, 0)
		}()
		var got any
		begin := time.Now()
		err := conn.QueryRowContext(ctx, verifyOf+"vx_snapshot_read(?)", fifo).Scan(&got)
		took := time.Since(begin)
		close(ended)
		var e sqlite3.Error
		isInterrupt := errors.As(err, &e) && e.Code == sqlite3.ErrInterrupt || errors.Is(err, context.DeadlineExceeded)
		switch {
		case way == "no writer" && (!isInterrupt || took > 600*time.Millisecond):
			t.Errorf("%s: got %v, %v after %v", way, got, err, took)
		case way != "no writer" && (err != nil || got != "ok" || <-wrote != nil):
			t.Errorf("%s: got %v, %v", way, got, err)
		}
		cancel()
	}
}

// signalThreads interrupts the system call that each thread of the process is in.
func signalThreads() {
	threads, _ := os.ReadDir("/proc/self/task")
	for _, thread := range threads {
		if id, err := strconv.Atoi(thread.Name()); err == nil {
			_ = unix.Tgkill(os.Getpid(), id, unix.SIGURG)
		}
	}
}
