package snapshot_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"go.uber.org/goleak"

	"github.com/vxsnap/vxsnap/snapshot"
)

// A meter counts the bytes that were read of a source, and fails from an offset on.
type meter struct {
	bytes  []byte
	read   int64
	failAt int64 // 0 never fails
}

var errRead = errors.New("no luck")

func (m *meter) ReadAt(p []byte, off int64) (int, error) {
	if m.failAt > 0 && off+int64(len(p)) > m.failAt {
		return 0, errRead
	}
	n, err := bytes.NewReader(m.bytes).ReadAt(p, off)
	m.read += int64(n)
	return n, err
}

// metered are the sources of a database of so many bytes.
func metered(size int) ([]snapshot.Source, *meter) {
	f := files{noise(1, size)}
	s, m := f.sources(), &meter{bytes: f[0]}
	s[0].Reader = m
	return s, m
}

// readAhead is how many bytes a stream reads ahead of a row, or how many its blocks have.
func readAhead(chunkSize int64) int64 { return max(12*mib, 2*chunkSize) }

// Nothing is read for the metadata row, and for each other row not more than the
// window. Every byte is read once.
func TestStreamReadsAhead(t *testing.T) {
	const size = 24 * mib
	for _, chunkSize := range []int64{4096, 65536, mib - 1, mib, 2*mib + 1, 5 * mib, 23 * mib} {
		sources, m := metered(size)
		s := open(t, sources, snapshot.Options{ChunkSize: chunkSize})
		first(t, s)
		if m.read != 0 {
			t.Errorf("chunks of %d: %d bytes were read for the metadata row", chunkSize, m.read)
		}
		ahead := int64(0)
		err := s.Each(func(r *snapshot.Row) error {
			if r.Kind == snapshot.KindChunk {
				ahead = max(ahead, m.read-r.Offset)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if ahead > readAhead(chunkSize) || ahead < min(2*mib, size) {
			t.Errorf("chunks of %d: %d bytes were read ahead, want at most %d and at least 2 MiB", chunkSize, ahead, readAhead(chunkSize))
		}
		if m.read != size {
			t.Errorf("chunks of %d: %d bytes were read of %d", chunkSize, m.read, size)
		}
	}
}

// What cannot be read is an error at the row of its block, however early it was
// tried.
func TestStreamReadErrorInPlace(t *testing.T) {
	const chunkSize = 64 << 10
	for _, bad := range []int64{1, mib, 5*mib + 7, 12*mib - 1} {
		sources, m := metered(12 * mib)
		m.failAt = bad
		s := open(t, sources, snapshot.Options{ChunkSize: chunkSize})
		first(t, s)
		block := (bad - 1) / mib * mib // what was asked for, and reached beyond bad
		if bad%mib == 0 {
			block = bad
		}
		for at := int64(0); ; at += chunkSize {
			more, err := s.Next()
			if more && at < block {
				if r := s.Row(); r.Offset != at || !bytes.Equal(r.Data, m.bytes[at:at+chunkSize]) {
					t.Fatalf("byte %d cannot be read: other bytes at offset %d", bad, at)
				}
				continue
			}
			want := fmt.Sprintf("database.db: read at offset %d: no luck", block)
			if at != block || more || !errors.Is(err, errRead) || err.Error() != want {
				t.Errorf("byte %d cannot be read: the row at offset %d: got %t, %v, want %q at %d", bad, at, more, err, want, block)
			}
			break
		}
		if _, ok := s.Digest(); ok {
			t.Errorf("byte %d cannot be read: there is a digest of no row", bad)
		}
	}
}

// Close ends the goroutines and releases the blocks, wherever the stream is, also
// after an error.
func TestStreamGoroutines(t *testing.T) {
	mine := goleak.IgnoreCurrent()
	for _, n := range []int{0, 1, 2, 50, 90, 1000} {
		sources, m := metered(12 * mib)
		if n == 90 {
			m.failAt = 5 * mib
		}
		before := runtime.NumGoroutine()
		var made blocks
		s := open(t, sources, snapshot.Options{NewBlock: made.newBlock})
		for range n {
			_, _ = s.Next()
		}
		if n == 2 && runtime.NumGoroutine() <= before {
			t.Error("no goroutine hashes")
		}
		s.Close()
		if err := goleak.Find(mine); err != nil {
			t.Errorf("after %d rows: %v", n, err)
		}
		made.wantReleased(t, fmt.Sprintf("after %d rows", n))
		read := m.read
		if _, err := s.Next(); err == nil || m.read != read {
			t.Errorf("after %d rows and Close: Next gives %v and reads %d bytes", n, err, m.read-read)
		}
	}
}
