package snapshot_test

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

const mib = 1 << 20

// A block stands for memory that SQLite still reads: users counts the chunks
// that were handed out and not given back.
type block struct {
	bytes    []byte
	users    int
	released int
}

func (b *block) Bytes() []byte { return b.bytes }
func (b *block) Shared() bool  { return b.users > 0 }
func (b *block) Release()      { b.released++ }

// blocks are those that a stream has asked for.
type blocks []*block

func (all *blocks) add(size int) *block {
	b := &block{bytes: make([]byte, size)}
	*all = append(*all, b)
	return b
}

func (all *blocks) newBlock(size int) snapshot.Block { return all.add(size) }

// size is that of all of them, in bytes.
func (all *blocks) size() (n int64) {
	for _, b := range *all {
		n += int64(len(b.bytes))
	}
	return n
}

// wantReleased says of which stream the blocks are.
func (all *blocks) wantReleased(t *testing.T, what string) {
	t.Helper()
	for i, b := range *all {
		if b.released != 1 {
			t.Errorf("%s: block %d was released %d times", what, i, b.released)
		}
	}
}

// has tells whether a chunk lies in the block.
func (b *block) has(chunk []byte) bool {
	for i := range b.bytes {
		if &b.bytes[i] == &chunk[0] {
			return true
		}
	}
	return false
}

// A chunk keeps its bytes for as long as somebody holds it, however many rows
// later that is; blocks that nobody holds are used again.
func TestStreamBlocks(t *testing.T) {
	const chunkSize = 256 << 10
	window := min(runtime.GOMAXPROCS(0), 8) + 9 // what is read ahead, and the block before
	for _, c := range []struct{ held, most int }{{0, window}, {1, window}, {4, window}, {5, 48}, {100, 48 + window}} {
		t.Run(fmt.Sprintf("%d chunks held", c.held), func(t *testing.T) {
			whole := noise(1, 48*mib)
			var made blocks
			s := open(t, files{whole}.sources(), snapshot.Options{ChunkSize: chunkSize, NewBlock: made.newBlock})

			type held struct {
				data []byte
				off  int64
				in   *block
			}
			var holds []held
			for ok, _ := s.Next(); ok; ok, _ = s.Next() {
				chunk := s.Row()
				if chunk.Kind != snapshot.KindChunk {
					continue
				}
				data := chunk.Data
				if !bytes.Equal(data, whole[chunk.Offset:chunk.Offset+int64(len(data))]) {
					t.Fatalf("wrong bytes at offset %d", chunk.Offset)
				}
				if cap(data) != len(data) {
					t.Fatalf("cap %d of a chunk of %d bytes lets append reach the next one", cap(data), len(data))
				}
				in := made[slices.IndexFunc(made, func(b *block) bool { return b.has(data) })]
				in.users++
				holds = append(holds, held{data, chunk.Offset, in})
				for _, h := range holds {
					if !bytes.Equal(h.data, whole[h.off:h.off+chunkSize]) {
						t.Fatalf("the chunk at offset %d changed while that at %d was read", h.off, chunk.Offset)
					}
				}
				if len(holds) > c.held {
					holds[0].in.users--
					holds = holds[1:]
				}
			}
			if len(made) > c.most {
				t.Errorf("made %d blocks, want at most %d", len(made), c.most)
			}
			s.Close()
			s.Close()
			made.wantReleased(t, "closed twice")
		})
	}
}

func TestStreamChunkSizes(t *testing.T) {
	want := files{noise(1, 3*mib), indexImage(2, 50)}
	for _, size := range []int64{0, 4093, mib - 1, mib, mib + 1, 2*mib + 7, 3 * mib, snapshot.MaxChunkSize} {
		s := open(t, want.sources(), snapshot.Options{ChunkSize: size})
		got := make(files, len(want))
		for _, r := range collect(t, s) {
			if r.Kind == snapshot.KindChunk {
				i := slices.IndexFunc([]int{0, 1}, func(i int) bool { return want.name(i) == r.FileName })
				got[i] = append(got[i], r.Data...)
			}
		}
		for i := range want {
			if !bytes.Equal(got[i], want[i]) {
				t.Errorf("chunk size %d: the rows of %s give other bytes", size, want.name(i))
			}
		}
		if size == 0 && s.Metadata().ChunkSize != snapshot.DefaultChunkSize {
			t.Errorf("default chunk size: got %d, want %d", s.Metadata().ChunkSize, snapshot.DefaultChunkSize)
		}
		s.Close()
	}
}

func TestStreamEnds(t *testing.T) {
	s := open(t, small().sources(), snapshot.Options{ChunkSize: smallChunk})
	collect(t, s)
	for range 3 {
		if ok, err := s.Next(); ok || err != nil {
			t.Errorf("Next after the end row: got %t, %v", ok, err)
		}
	}
	if c := s.Row(); c.Kind != snapshot.KindEnd || c.Seq != smallEnd {
		t.Errorf("after the end: got %+v, want the end row", c)
	}
}

func open(t testing.TB, sources []snapshot.Source, opt snapshot.Options) *snapshot.Stream {
	t.Helper()
	s, err := snapshot.Open(sources, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// The sources of a stream may be closed when it is.
func TestStreamClosed(t *testing.T) {
	s := open(t, small().sources(), snapshot.Options{ChunkSize: smallChunk})
	for range 2 {
		if more, err := s.Next(); !more || err != nil {
			t.Fatalf("got %t, %v", more, err)
		}
	}
	s.Close()
	s.Close()
	if more, err := s.Next(); more || err == nil {
		t.Errorf("closed, and Next gives %t, %v", more, err)
	}
}
