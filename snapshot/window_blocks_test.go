package snapshot_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// The blocks of a stream whose chunks nobody keeps have the window's size together:
// large chunks need two or three. Each is released once.
func TestStreamBlocksFitTheWindow(t *testing.T) {
	for _, chunkSize := range []int64{512, 65536, mib, mib + 1, 2 * mib, 3 * mib, 5*mib + 3, 11 * mib, 24 * mib, snapshot.MaxChunkSize} {
		sources, _ := metered(24 * mib)
		var made blocks
		s := open(t, sources, snapshot.Options{ChunkSize: chunkSize, NewBlock: made.newBlock})
		if err := s.Each(func(*snapshot.Row) error { return nil }); err != nil {
			t.Fatal(err)
		}
		s.Close()
		total := made.size()
		made.wantReleased(t, fmt.Sprintf("chunks of %d", chunkSize))
		chunkSize = min(chunkSize, 24*mib) // no block is longer than the longest file
		if total > readAhead(chunkSize) || chunkSize > 4*mib && len(made) > 3 {
			t.Errorf("chunks of %d: %d blocks have %d bytes, want at most %d", chunkSize, len(made), total, readAhead(chunkSize))
		}
	}
}

// Memory that cannot be had is an error at the row that would lie in it. What was
// handed out before stays what it is.
func TestStreamNoMemory(t *testing.T) {
	for fail := range 8 {
		sources, m := metered(12 * mib)
		var made blocks
		s := open(t, sources, snapshot.Options{NewBlock: func(size int) snapshot.Block {
			if len(made) == fail {
				return nil
			}
			b := made.add(size)
			b.users = 1 // of which all rows are kept
			return b
		}})
		var kept []snapshot.Row
		err := s.Each(func(r *snapshot.Row) error {
			kept = append(kept, *r)
			return nil
		})
		if !errors.Is(err, snapshot.ErrNoMemory) || len(kept) != 1+16*fail {
			t.Errorf("%d blocks: got %d rows and %v, want %d", fail, len(kept), err, 1+16*fail)
		}
		for _, r := range kept[1:] {
			if !bytes.Equal(r.Data, m.bytes[r.Offset:r.Offset+int64(len(r.Data))]) {
				t.Fatalf("%d blocks: the chunk at offset %d has other bytes", fail, r.Offset)
			}
		}
		s.Close()
		made.wantReleased(t, fmt.Sprintf("%d blocks", fail))
	}
}

// The host is asked whether to go on before each block, and at no other time.
func TestStreamAsksForEachBlock(t *testing.T) {
	stop := errors.New("stop")
	for _, c := range []struct{ size, chunkSize, blocks int }{{12 * mib, 512, 12}, {12*mib + 512, 65536, 13}, {12 * mib, 3 * mib, 4}, {0, 512, 1}} {
		for end := 0; end <= c.blocks; end++ {
			sources, m := metered(c.size)
			asked := 0
			s := open(t, sources, snapshot.Options{ChunkSize: int64(c.chunkSize), Interrupted: func() error {
				if asked == end {
					return stop
				}
				asked++
				return nil
			}})
			err := s.Each(func(*snapshot.Row) error { return nil })
			if end == c.blocks && (err != nil || asked != c.blocks) {
				t.Errorf("%d bytes in chunks of %d: asked %d times, want %d: %v", c.size, c.chunkSize, asked, c.blocks, err)
			}
			if end < c.blocks && (!errors.Is(err, stop) || m.read > int64(end*max(mib, c.chunkSize))) {
				t.Errorf("%d bytes in chunks of %d: %d bytes were read until answer %d: %v", c.size, c.chunkSize, m.read, end, err)
			}
		}
	}
}

// A block that somebody still reads is left to him; the stream takes another.
func TestStreamSharedBlocks(t *testing.T) {
	sources, m := metered(20 * mib)
	var made blocks
	s := open(t, sources, snapshot.Options{ChunkSize: mib, NewBlock: func(size int) snapshot.Block {
		b := made.add(size)
		b.users = (len(made) - 1) % 2 // every other is kept for good
		return b
	}})
	kept := make(map[int64][]byte)
	err := s.Each(func(r *snapshot.Row) error {
		for _, b := range made {
			if r.Kind == snapshot.KindChunk && &b.bytes[0] == &r.Data[0] && b.users > 0 {
				kept[r.Offset] = r.Data
			}
		}
		return nil
	})
	if err != nil || len(kept) < 3 {
		t.Fatalf("%d chunks were kept: %v", len(kept), err)
	}
	for offset, data := range kept {
		if !bytes.Equal(data, m.bytes[offset:offset+mib]) {
			t.Errorf("the chunk at offset %d was overwritten while somebody had it", offset)
		}
	}
	if len(made) >= 20 {
		t.Errorf("%d blocks were made for 20, none was used again", len(made))
	}
	s.Close()
	made.wantReleased(t, "every other is kept")
}
