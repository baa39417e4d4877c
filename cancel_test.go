package vxsnap_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/vxsnap/vxsnap"
	"github.com/vxsnap/vxsnap/internal/testkit"
)

// cancelled runs a verb with a context that is done at its start, and with others
// that are done ever later, until one is late enough for the verb to succeed. It says how
// many of them failed.
func cancelled(t *testing.T, what string, verb func(context.Context) error, left func()) (failed int) {
	t.Helper()
	for n := int64(0); ; n += 1 + n/16 {
		at := &testkit.Countdown{Context: ctx}
		at.Left.Store(n)
		err := verb(at)
		if at.Left.Load() >= 0 {
			if err != nil {
				t.Errorf("%s, to its end: %v", what, err)
			}
			return failed
		}
		if failed++; !errors.Is(err, context.Canceled) {
			t.Fatalf("%s, cancelled at %d: got %v", what, n, err)
		}
		goleak.VerifyNone(t, goleak.IgnoreCurrent())
		left()
	}
}

// Whenever a context ends, the verb ends with its error, and nothing is left.
func TestCancelAtEveryStage(t *testing.T) {
	path := withVectors(t)
	folder := filepath.Dir(path)
	_, conn := connect(t, vectorlite(), path, fill(3000)...)
	run(t, conn, "PRAGMA wal_checkpoint")
	target := filepath.Join(t.TempDir(), "target")
	file := filepath.Join(filepath.Dir(target), "file.tar.zst")
	none := func() { nothingLeft(t, filepath.Dir(target)) }
	conn.Close()
	live := func() { nothingLeft(t, folder, "app.db", "v.idx"); none() }
	bytesOf := saved(t, path, vxsnap.SaveOptions{IndexFiles: vxsnap.IndexDisk, Compress: true})
	relocated := filepath.Join(t.TempDir(), "relocated")

	for what, c := range map[string]struct {
		verb  func(context.Context) error
		left  func()
		least int // how many times it must fail
	}{
		"save": {func(ctx context.Context) error {
			_, err := vxsnap.Save(ctx, path, io.Discard, vxsnap.SaveOptions{IndexFiles: vxsnap.IndexDisk})
			return err
		}, live, 5},
		"save into a file": {func(ctx context.Context) error {
			_, err := vxsnap.SaveFile(ctx, path, file, vxsnap.SaveOptions{IndexFiles: vxsnap.IndexDisk})
			return err
		}, live, 5},
		"verify": {func(ctx context.Context) error {
			_, err := vxsnap.Verify(ctx, bytes.NewReader(bytesOf), vxsnap.VerifyOptions{})
			return err
		}, none, 10},
		"restore": {func(ctx context.Context) error {
			_, err := vxsnap.Restore(ctx, bytes.NewReader(bytesOf), target, vxsnap.RestoreOptions{})
			return err
		}, none, 10},
		"relocate": {func(ctx context.Context) error {
			if err := os.RemoveAll(relocated); err != nil {
				return err
			}
			if _, err := vxsnap.Restore(context.Background(), bytes.NewReader(bytesOf), relocated, vxsnap.RestoreOptions{}); err != nil {
				return err
			}
			_, err := vxsnap.Relocate(ctx, relocated)
			return err
		}, func() { nothingLeft(t, relocated, "database.db", "index_0.idx") }, 1},
	} {
		if failed := cancelled(t, what, c.verb, c.left); failed < c.least {
			t.Errorf("%s: the context was asked %d times, want %d or more", what, failed, c.least)
		}
		os.RemoveAll(target)
		os.Remove(file)
	}
}

// A connection that was cancelled goes on.
func TestCancelOfAConnection(t *testing.T) {
	_, conn := connect(t, "sqlite3", ":memory:", fill(3000)...)
	save := func(ctx context.Context) error {
		_, err := vxsnap.SaveConn(ctx, conn, io.Discard, vxsnap.SaveOptions{})
		return err
	}
	if failed := cancelled(t, "save", save, func() {
		if got := text(t, conn, "SELECT count(*) FROM t"); got != "3000" {
			t.Fatalf("%s rows", got)
		}
	}); failed < 5 {
		t.Errorf("the context was asked %d times", failed)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := vxsnap.FlushConn(done, conn); !errors.Is(err, context.Canceled) {
		t.Errorf("flush: %v", err)
	}
}

// A wait for a lock ends too.
func TestCancelOfAWait(t *testing.T) {
	path := database(t, 1)
	_, conn := connect(t, "sqlite3", path, "BEGIN EXCLUSIVE")
	at := &testkit.Countdown{Context: ctx}
	at.Left.Store(9)
	if _, err := vxsnap.Save(at, path, io.Discard, vxsnap.SaveOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	run(t, conn, "ROLLBACK")
}

// What blocks is closed when the context ends, and the error is that of the context.
func TestCancelOfAPipe(t *testing.T) {
	path := database(t, 3000)
	within := func(verb func(context.Context, *io.PipeReader, *io.PipeWriter) error, partner func(*io.PipeReader, *io.PipeWriter)) {
		t.Helper()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		r, w := io.Pipe()
		defer context.AfterFunc(ctx, func() { r.CloseWithError(io.ErrClosedPipe); w.CloseWithError(io.ErrClosedPipe) })()
		go func() {
			partner(r, w)
			cancel()
		}()
		if err := verb(ctx, r, w); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	within(func(ctx context.Context, _ *io.PipeReader, w *io.PipeWriter) error {
		_, err := vxsnap.Save(ctx, path, w, vxsnap.SaveOptions{})
		return err
	}, func(r *io.PipeReader, _ *io.PipeWriter) { io.ReadFull(r, make([]byte, 100_000)) })
	for _, compress := range []bool{false, true} {
		bytesOf := saved(t, path, vxsnap.SaveOptions{Compress: compress})
		out := filepath.Join(t.TempDir(), "out")
		within(func(ctx context.Context, r *io.PipeReader, _ *io.PipeWriter) error {
			_, err := vxsnap.Restore(ctx, r, out, vxsnap.RestoreOptions{})
			return err
		}, func(_ *io.PipeReader, w *io.PipeWriter) { w.Write(bytesOf[:100_000]) })
		nothingLeft(t, filepath.Dir(out))
	}
	nothingLeft(t, filepath.Dir(path), "app.db")
}
