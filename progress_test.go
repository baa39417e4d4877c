package vxsnap_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/vxsnap/vxsnap"
	"github.com/vxsnap/vxsnap/snapshot"
)

// each runs what has a progress.
func each(t *testing.T, path string, conn *sql.Conn, whole []byte, try func(what string, verb func(context.Context, func(done, total int64)) (*snapshot.Info, error))) {
	out := filepath.Join(t.TempDir(), "out")
	file := filepath.Join(filepath.Dir(out), "a.tar.zst")
	for what, verb := range map[string]func(context.Context, func(done, total int64)) (*snapshot.Info, error){
		"Save": func(ctx context.Context, tell func(done, total int64)) (*snapshot.Info, error) {
			return vxsnap.Save(ctx, path, io.Discard, vxsnap.SaveOptions{Progress: tell})
		},
		"SaveFile": func(ctx context.Context, tell func(done, total int64)) (*snapshot.Info, error) {
			return vxsnap.SaveFile(ctx, path, file, vxsnap.SaveOptions{Progress: tell})
		},
		"SaveConn": func(ctx context.Context, tell func(done, total int64)) (*snapshot.Info, error) {
			return vxsnap.SaveConn(ctx, conn, io.Discard, vxsnap.SaveOptions{Progress: tell, Compress: true})
		},
		"Verify": func(ctx context.Context, tell func(done, total int64)) (*snapshot.Info, error) {
			return vxsnap.Verify(ctx, bytes.NewReader(whole), vxsnap.VerifyOptions{Progress: tell})
		},
		"Restore": func(ctx context.Context, tell func(done, total int64)) (*snapshot.Info, error) {
			return vxsnap.Restore(ctx, bytes.NewReader(whole), out, vxsnap.RestoreOptions{Progress: tell})
		},
	} {
		try(what, verb)
	}
}

// While a Progress takes its time others write, and the snapshot shows the moment at which
// it began.
func TestProgressThatIsSlow(t *testing.T) {
	path := database(t, 3000, "PRAGMA journal_mode = WAL")
	_, writer := connect(t, "sqlite3", path)
	var b bytes.Buffer
	_, err := vxsnap.Save(ctx, path, &b, vxsnap.SaveOptions{Progress: func(done, total int64) {
		run(t, writer, "UPDATE t SET b = 'x'", "INSERT INTO t VALUES (0, 0)", "PRAGMA wal_checkpoint")
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := count(t, &b); got != "3000" {
		t.Errorf("%s rows, want 3000", got)
	}
	if got := text(t, writer, "SELECT count(*) > 3001 FROM t"); got != "1" {
		t.Error("nobody wrote meanwhile")
	}
}

// Progress grows to the size of the snapshot, which it says once, at the end; a context
// that ends in it ends the verb; and a panic of it is the caller's, who finds nothing left
// and a connection that works.
func TestProgress(t *testing.T) {
	path := database(t, 6000)
	_, conn := connect(t, "sqlite3", ":memory:", fill(6000)...)
	whole := saved(t, path, vxsnap.SaveOptions{})
	each(t, path, conn, whole, func(what string, verb func(context.Context, func(done, total int64)) (*snapshot.Info, error)) {
		goleak.VerifyNone(t, goleak.IgnoreCurrent())
		ended, cancel := context.WithCancel(ctx)
		if _, err := verb(ended, func(done, total int64) { cancel() }); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: a context that ends in Progress: %v", what, err)
		}
		func() {
			defer func() {
				if got := recover(); got != "mine" {
					t.Errorf("%s: recovered %v", what, got)
				}
			}()
			_, err := verb(ctx, func(done, total int64) {
				if done < total {
					panic("mine")
				}
			})
			t.Errorf("%s: returned %v", what, err)
		}()
		goleak.VerifyNone(t, goleak.IgnoreCurrent())
		nothingLeft(t, filepath.Dir(path), "app.db")

		var calls, last, ends int64
		info, err := verb(ctx, func(done, total int64) {
			if calls++; done < last || done > total {
				t.Errorf("%s: %d of %d after %d", what, done, total, last)
			}
			if last = done; done == total {
				ends++
			}
		})
		if err != nil || last != info.Size || ends != 1 || calls < 3 || calls > 20 {
			t.Errorf("%s: %d calls, %d of them at the end, the last with %d: %v", what, calls, ends, last, err)
		}
	})
	if got := text(t, conn, "SELECT count(*) FROM t"); got != "6000" {
		t.Errorf("the connection has %s rows", got)
	}
}
