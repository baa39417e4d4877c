package snapshot_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Whatever stops a source at whichever read, what comes out of its tar stream is that
// error, and never the end of a stream that is too short.
func TestTarSourceFails(t *testing.T) {
	f := files{noise(1, 3*mib+512), indexImage(2, 54), noise(3, 1)}
	causes := map[string]error{
		"a disk":                 errDisk,
		"an end that is not one": io.EOF,
		"an unexpected end":      fmt.Errorf("down: %w", io.ErrUnexpectedEOF),
		"an end, deep in it":     fmt.Errorf("away: %w", io.EOF),
		"memory":                 snapshot.ErrNoMemory,
	}
	ways := map[string]func(*snapshot.Tar) error{
		"WriteTo": func(r *snapshot.Tar) error { _, err := r.WriteTo(io.Discard); return err },
		"Read":    func(r *snapshot.Tar) error { _, err := io.ReadAll(r); return err },
		"pieces": func(r *snapshot.Tar) (err error) {
			p := snapshot.NewPieces(r, 700, nil)
			for err == nil {
				_, err = p.Next(-1)
			}
			if isEnd(err) {
				err = nil
			}
			return err
		},
	}
	for how, read := range ways {
		for what, cause := range causes {
			for _, c := range []snapshot.Compression{snapshot.CompressNothing, snapshot.CompressBlocks} {
				for _, changed := range []bool{false, true} {
					cause := cause
					if changed {
						cause = fmt.Errorf("%w: %w", snapshot.ErrChanged, cause)
					}
					for n := 1; ; n++ {
						sources := f.sources()
						made := 0
						for i := range sources {
							inner := sources[i].Reader
							sources[i].Reader = readerFunc(func(p []byte, off int64) (int, error) {
								if made++; made == n && !changed {
									return 0, cause
								}
								return inner.ReadAt(p, off)
							})
							sources[i].Unchanged = func() error {
								if changed && made == n {
									return cause
								}
								return nil
							}
						}
						err := read(open(t, sources, snapshot.Options{Compress: c}).Tar())
						if made < n {
							if err != nil || n < 5 {
								t.Fatalf("%s: %d reads, %v", how, made, err)
							}
							break
						}
						want := cause
						if !changed && errors.Is(cause, io.EOF) {
							want = io.ErrUnexpectedEOF
						}
						if err == nil || isEnd(err) || !errors.Is(err, want) {
							t.Fatalf("%s at read %d, changed %t, %s: got %v", what, n, changed, how, err)
						}
					}
				}
			}
		}
	}
}

type readerFunc func(p []byte, off int64) (int, error)

func (f readerFunc) ReadAt(p []byte, off int64) (int, error) { return f(p, off) }

// A writer that takes less and says nothing breaks its word, and no byte is lost by it.
func TestTarShortWriter(t *testing.T) {
	short := writerFunc(func(p []byte) (int, error) { return max(0, len(p)-1), nil })
	if _, err := open(t, small().sources(), snapshot.Options{}).Tar().WriteTo(short); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// isEnd tells the end of a stream from an error that wraps one.
func isEnd(err error) bool { return errors.Is(err, io.EOF) && err.Error() == io.EOF.Error() }
