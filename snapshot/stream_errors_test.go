package snapshot_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// first goes to the metadata row.
func first(t *testing.T, s *snapshot.Stream) {
	t.Helper()
	if ok, err := s.Next(); !ok || err != nil {
		t.Fatalf("Next: %t, %v", ok, err)
	}
}

// Whatever stops a stream goes on to stop it.
func TestStreamErrorsStick(t *testing.T) {
	cause := errors.New("no luck")
	for _, c := range []struct {
		name  string
		spoil func(s []snapshot.Source, o *snapshot.Options) func()
		is    error
		want  string
	}{
		{"reading", func(s []snapshot.Source, _ *snapshot.Options) func() {
			r := &reader{ReaderAt: s[0].Reader}
			s[0].Reader = r
			return func() { r.err = cause }
		}, cause, "index_0.idx: read at offset 0: no luck"},
		{"a file that became shorter", func(s []snapshot.Source, _ *snapshot.Options) func() {
			r := &reader{ReaderAt: s[0].Reader}
			s[0].Reader = r
			return func() { r.short = true }
		}, io.ErrUnexpectedEOF, "index_0.idx: read at offset 0: unexpected EOF"},
		{"a change", func(s []snapshot.Source, _ *snapshot.Options) func() {
			changed := false
			s[0].Unchanged = func() error {
				if changed {
					return fmt.Errorf("%w, alas", snapshot.ErrChanged)
				}
				return nil
			}
			return func() { changed = true }
		}, snapshot.ErrChanged, "changed while it was read, alas"},
		{"an interrupt", func(_ []snapshot.Source, o *snapshot.Options) func() {
			var stop error
			o.Interrupted = func() error { return stop }
			return func() { stop = cause }
		}, cause, "no luck"},
		{"no memory", func(_ []snapshot.Source, o *snapshot.Options) func() {
			o.NewBlock = func(int) snapshot.Block { return nil }
			return func() {}
		}, snapshot.ErrNoMemory, "out of memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sources, opt := small().sources(), snapshot.Options{ChunkSize: smallChunk}
			hit := c.spoil(sources, &opt)
			s := open(t, sources, opt)
			first(t, s)
			hit()
			for range 2 {
				if ok, err := s.Next(); ok || !errors.Is(err, c.is) || err.Error() != c.want {
					t.Errorf("Next: got %t, %v, want %q", ok, err, c.want)
				}
			}
		})
	}
}

// A reader fails, or gives one byte less than it was asked for and no error.
type reader struct {
	io.ReaderAt
	err   error
	short bool
}

func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if r.short {
		p = p[:len(p)-1]
	}
	return r.ReaderAt.ReadAt(p, off)
}
