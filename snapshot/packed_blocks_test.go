package snapshot_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/zst"
)

// awkward is a database of chunks whose frames have from a few bytes less than they have
// to a few more: the encoder then sees the end of the memory that it was given.
func awkward(chunkSize, chunks int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	var all []byte
	for k := range chunks {
		c := noise(byte(k), chunkSize)
		for range 1 + random.IntN(40) {
			l := 5 + random.IntN(12)
			at := 60 + random.IntN(chunkSize-l-60)
			copy(c[at:at+l], c[at-l-random.IntN(at-l):])
		}
		all = append(all, c...)
	}
	return all
}

// Every row lies in a block, whatever the encoder does: SQLite finds the block by the
// address of the row. One as long as its place is plain.
func TestPackedRowsLieInBlocks(t *testing.T) {
	const chunkSize = 512
	f := files{awkward(chunkSize, 2048)}
	var made blocks
	opt := packed(chunkSize)
	opt.NewBlock = made.newBlock
	s := open(t, f.sources(), opt)
	near, equal, enc := 0, 0, zst.NewEncoder(false)
	err := s.Each(func(r *snapshot.Row) error {
		if r.Kind != snapshot.KindChunk {
			return nil
		}
		want := enc.Append(nil, f[0][r.Offset:][:chunkSize])
		if len(want) >= chunkSize {
			if len(want) == chunkSize {
				equal++
			}
			want = f[0][r.Offset:][:chunkSize]
		}
		if !bytes.Equal(r.Data, want) {
			t.Errorf("the row at offset %d has %d other bytes, want %d", r.Offset, len(r.Data), len(want))
		}
		if len(r.Data) <= chunkSize-28 || len(r.Data) == chunkSize {
			return nil
		}
		near++
		if !slices.ContainsFunc(made, func(b *block) bool { return b.has(r.Data) }) {
			return fmt.Errorf("the %d bytes of the row at offset %d lie in no block", len(r.Data), r.Offset)
		}
		return nil
	})
	if err != nil || near < 100 || equal == 0 {
		t.Errorf("%d rows are a little shorter than their places, %d frames as long: %v", near, equal, err)
	}
	s.Close()
	made.wantReleased(t, "rows that lie in blocks")
}

// The blocks of frames are as many as the others, and all are released: at the end, where
// memory cannot be had, and where somebody keeps rows.
func TestPackedBlocks(t *testing.T) {
	f := mixed()
	for _, chunkSize := range []int64{65536, mib, 3 * mib} {
		for fail := range 13 {
			var made blocks
			opt := packed(chunkSize)
			opt.NewBlock = func(size int) snapshot.Block {
				if len(made) == fail {
					return nil
				}
				b := made.add(size)
				b.users = len(made) % 2 * (fail % 3)
				return b
			}
			s := open(t, f.sources(), opt)
			err := s.Each(func(*snapshot.Row) error { return nil })
			s.Close()
			made.wantReleased(t, fmt.Sprintf("chunks of %d, %d blocks", chunkSize, fail))
			if err != nil && !errors.Is(err, snapshot.ErrNoMemory) || err == nil && len(made) > fail {
				t.Errorf("chunks of %d, %d blocks: %v", chunkSize, fail, err)
			}
			if err == nil && fail < 2 {
				t.Errorf("chunks of %d: %d blocks are enough", chunkSize, fail)
			}
		}
		var made blocks
		opt := packed(chunkSize)
		opt.NewBlock = made.newBlock
		s := open(t, f.sources(), opt)
		if err := s.Each(func(*snapshot.Row) error { return nil }); err != nil {
			t.Fatal(err)
		}
		s.Close()
		total := made.size()
		if most := 2*readAhead(chunkSize) + mib; total > most {
			t.Errorf("chunks of %d: %d blocks have %d bytes, want at most %d", chunkSize, len(made), total, most)
		}
		made.wantReleased(t, fmt.Sprintf("chunks of %d", chunkSize))
	}
}

// A frame keeps its bytes for as long as somebody has its block; the stream takes another.
func TestPackedSharedBlocks(t *testing.T) {
	f := files{prose(20 * mib)}
	var made blocks
	opt := packed(mib)
	opt.NewBlock = func(size int) snapshot.Block {
		b := made.add(size)
		b.users = len(made) / 2 % 2 // every other pair, of a block and its frames, is kept for good
		return b
	}
	s := open(t, f.sources(), opt)
	type kept struct{ now, then []byte }
	var all []kept
	err := s.Each(func(r *snapshot.Row) error {
		for _, b := range made {
			if r.Kind == snapshot.KindChunk && b.users > 0 && &b.bytes[0] == &r.Data[0] {
				all = append(all, kept{r.Data, slices.Clone(r.Data)})
			}
		}
		return nil
	})
	if err != nil || len(all) < 3 || len(made) >= 40 {
		t.Fatalf("%d frames were kept, %d blocks made for 40: %v", len(all), len(made), err)
	}
	for i, k := range all {
		if !bytes.Equal(k.now, k.then) {
			t.Errorf("frame %d was overwritten while somebody had it", i)
		}
	}
	s.Close()
	made.wantReleased(t, "every other pair is kept")
}

// Each frame of a compressed tar stream has a checksum: a tar has none of its files.
func TestCompressedTarIsChecked(t *testing.T) {
	s := open(t, files{noise(1, 3*mib)}.sources(), snapshot.Options{Compress: snapshot.CompressBlocks})
	var out bytes.Buffer
	if _, err := s.Tar().WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{mib, 2 * mib, 3 * mib} {
		changed := slices.Clone(out.Bytes())
		changed[at] ^= 1
		r := zst.NewReader(bytes.NewReader(changed))
		if _, err := io.Copy(io.Discard, r); !errors.Is(err, snapshot.ErrDamaged) {
			t.Errorf("byte %d of %d changed: %v", at, len(changed), err)
		}
		r.Close()
	}
}

// What does not get shorter takes no memory beside the blocks.
func TestPackedNoiseMemory(t *testing.T) {
	for _, chunkSize := range []int64{65536, 16 * mib} {
		f := files{noise(1, 32*mib)}
		got := allocated(func() {
			s := open(t, f.sources(), packed(chunkSize))
			if err := s.Each(func(*snapshot.Row) error { return nil }); err != nil {
				t.Fatal(err)
			}
			s.Close()
		})
		if most := uint64(2*readAhead(chunkSize) + 20*mib); got > most { // those of the encoder are fixed
			t.Errorf("chunks of %d: %d bytes were allocated, want at most %d", chunkSize, got, most)
		}
	}
}
