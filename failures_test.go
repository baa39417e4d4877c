package vxsnap_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"github.com/vxsnap/vxsnap"
)

var errFull = errors.New("the line is dead")

// A shortWriter takes so many bytes, and then fails or, without an error, takes fewer.
type shortWriter struct {
	left int
	err  error
}

func (w *shortWriter) Write(p []byte) (int, error) {
	if n := w.left; n < len(p) {
		w.left = 0
		return n, w.err
	}
	w.left -= len(p)
	return len(p), nil
}

func TestWriterThatFails(t *testing.T) {
	path := database(t, 3000)
	whole := len(saved(t, path, vxsnap.SaveOptions{}))
	for _, at := range []int{0, 1, 512, 100_000, whole - 1024, whole - 1} {
		for want, err := range map[error]error{errFull: errFull, io.ErrShortWrite: nil} {
			info, got := vxsnap.Save(ctx, path, &shortWriter{at, err}, vxsnap.SaveOptions{})
			if !errors.Is(got, want) || info != nil {
				t.Errorf("after %d bytes: got %v, %v, want %v", at, info, got, want)
			}
			goleak.VerifyNone(t, goleak.IgnoreCurrent())
		}
	}
	nothingLeft(t, filepath.Dir(path), "app.db")
}

// A stream that was cut anywhere, that is damaged, or whose reader fails.
func TestReaderThatFails(t *testing.T) {
	path := withVectors(t)
	out := filepath.Join(t.TempDir(), "out")
	both := func(what string, r func() io.Reader, check func(error) bool) {
		t.Helper()
		_, verified := vxsnap.Verify(ctx, r(), vxsnap.VerifyOptions{})
		_, restored := vxsnap.Restore(ctx, r(), out, vxsnap.RestoreOptions{})
		if !check(verified) || !check(restored) {
			t.Errorf("%s: got %v and %v", what, verified, restored)
		}
		goleak.VerifyNone(t, goleak.IgnoreCurrent())
		nothingLeft(t, filepath.Dir(out))
	}
	damaged := func(err error) bool { return errors.Is(err, vxsnap.ErrDamaged) }
	for _, compress := range []bool{false, true} {
		whole := saved(t, path, vxsnap.SaveOptions{Compress: compress})
		end := len(whole)
		if !compress {
			end -= 1024 // of which a tar stream needs nothing
		}
		for at := 0; at < end; at += 1 + end/50 {
			both("cut", func() io.Reader { return bytes.NewReader(whole[:at]) }, func(err error) bool {
				return damaged(err) && errors.Is(err, vxsnap.ErrIncomplete)
			})
			both("failing", func() io.Reader { return io.MultiReader(bytes.NewReader(whole[:at]), iotest.ErrReader(errFull)) }, func(err error) bool {
				return errors.Is(err, errFull) && !damaged(err)
			})
		}
	}
	whole := saved(t, path, vxsnap.SaveOptions{})
	at := bytes.Index(whole, []byte("SQLite format 3")) + 1000
	whole[at] ^= 1
	both("damaged", func() io.Reader { return bytes.NewReader(whole) }, damaged)
	both("another file", func() io.Reader { return strings.NewReader("hello") }, damaged)
	both("nothing", func() io.Reader { return strings.NewReader("") }, damaged)
}

func TestTargetExists(t *testing.T) {
	path := database(t, 1)
	folder := t.TempDir()
	taken := filepath.Join(folder, "taken.tar")
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	exists := func(err error) bool {
		return errors.Is(err, fs.ErrExist) && errors.Is(err, vxsnap.ErrTarget) && !errors.Is(err, vxsnap.ErrDamaged)
	}
	if _, err := vxsnap.SaveFile(ctx, path, taken, vxsnap.SaveOptions{}); !exists(err) {
		t.Errorf("SaveFile: %v", err)
	}
	whole := saved(t, path, vxsnap.SaveOptions{})
	for _, directory := range []string{taken, folder} {
		r := bytes.NewReader(whole)
		if _, err := vxsnap.Restore(ctx, r, directory, vxsnap.RestoreOptions{}); !exists(err) || r.Len() != len(whole) {
			t.Errorf("Restore into %s: %v, and %d bytes were read", directory, err, len(whole)-r.Len())
		}
	}
	for _, name := range []string{"a.zip", "no/folder.tar"} {
		if _, err := vxsnap.SaveFile(ctx, path, filepath.Join(folder, name), vxsnap.SaveOptions{}); !errors.Is(err, vxsnap.ErrTarget) || errors.Is(err, fs.ErrExist) {
			t.Errorf("SaveFile as %s: %v", name, err)
		}
	}
	if _, err := vxsnap.SaveFile(ctx, path, filepath.Join(folder, "a.tar"), vxsnap.SaveOptions{Compress: true}); !errors.Is(err, vxsnap.ErrTarget) {
		t.Errorf("SaveFile as .tar with Compress: %v", err)
	}
	if got, err := os.ReadFile(taken); err != nil || string(got) != "mine" {
		t.Errorf("the file that was there has %q, %v", got, err)
	}
	nothingLeft(t, folder, "taken.tar")
}

// A mistyped path is an error, and makes no database.
func TestDatabaseIsMissing(t *testing.T) {
	folder := t.TempDir()
	missing := filepath.Join(folder, "app.db")
	file := filepath.Join(folder, "a.tar")
	_, save := vxsnap.Save(ctx, missing, io.Discard, vxsnap.SaveOptions{})
	_, saveFile := vxsnap.SaveFile(ctx, missing, file, vxsnap.SaveOptions{})
	_, relocate := vxsnap.Relocate(ctx, folder)
	for i, err := range []error{save, saveFile, relocate} {
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), ".db' does not exist; give the path of one that does") {
			t.Errorf("%d: got %v", i, err)
		}
	}
	for _, path := range []string{"", ":memory:", "file:app.db", "file:x?mode=memory", folder, "a\x00b"} {
		if _, err := vxsnap.Save(ctx, path, io.Discard, vxsnap.SaveOptions{}); err == nil {
			t.Errorf("a database at %q", path)
		}
	}
	for _, opts := range []vxsnap.SaveOptions{{IndexFiles: "all"}, {Schema: "side"}, {ChunkSize: 1}} {
		if _, err := vxsnap.Save(ctx, database(t, 1), io.Discard, opts); err == nil {
			t.Errorf("no error with %+v", opts)
		}
	}
	nothingLeft(t, folder)
}
