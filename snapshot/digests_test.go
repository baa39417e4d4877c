package snapshot_test

import (
	"crypto/sha256"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// layoutOf has files of so many chunks.
func layoutOf(chunks ...int64) *snapshot.Metadata {
	m := &snapshot.Metadata{ChunkSize: 512}
	for _, n := range chunks {
		m.Files = append(m.Files, snapshot.File{Size: n * 512})
	}
	return m
}

// digestOf is any digest, another one for each seq.
func digestOf(seq int64) snapshot.Checksum {
	return sha256.Sum256([]byte{byte(seq), byte(seq >> 8), byte(seq >> 16)})
}

// Whatever order digests come in, the checksums are the same, and none waits in
// the end.
func TestDigestsInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, chunks := range [][]int64{{1}, {0, 1}, {5, 0, 0, 7}, {1023}, {1024, 1}, {3000, 1, 2100}} {
		m := layoutOf(chunks...)
		var want []snapshot.Checksum
		var seqs []int64
		seq := int64(1)
		for _, n := range chunks {
			sum := sha256.New()
			for range max(n, 1) { // an empty file has one
				d := digestOf(seq)
				sum.Write(d[:])
				seqs = append(seqs, seq)
				seq++
			}
			want = append(want, snapshot.Checksum(sum.Sum(nil)))
		}
		for round := range 30 {
			if round > 0 { // some rounds move a few, some move all
				for range round * round {
					i, j := random.IntN(len(seqs)), random.IntN(len(seqs))
					seqs[i], seqs[j] = seqs[j], seqs[i]
				}
			}
			d := snapshot.NewDigests(m)
			next, came := int64(1), make(map[int64]bool)
			for i, seq := range seqs {
				d.Add(seq, digestOf(seq))
				for came[seq] = true; came[next]; next++ {
				}
				if got, want := d.Waiting(), i+1-int(next-1); got != want {
					t.Fatalf("%d chunks, %d came, those below %d at once: %d wait, want %d", chunks, i+1, next, got, want)
				}
			}
			if got := d.Files(); !slices.Equal(got, want) {
				t.Fatalf("%d chunks in the order %d: other checksums", chunks, seqs[:min(20, len(seqs))])
			}
		}
	}
}

// A digest that waits costs 64 bytes at most, and nothing when it waits no more.
func TestDigestsMemory(t *testing.T) {
	const n = 300000
	d := snapshot.NewDigests(layoutOf(n))
	before := heap()
	for seq := int64(n); seq > 1; seq-- {
		d.Add(seq, digestOf(seq))
	}
	if got := (heap() - before) / n; got > 64 {
		t.Errorf("%d bytes for each digest that waits", got)
	}
	d.Add(1, digestOf(1))
	if got := heap() - before; got > 1<<20 {
		t.Errorf("%d bytes are kept when all came", got)
	}
	runtime.KeepAlive(d)
}

// Rows that are a little out of order, however many, take memory once.
func TestDigestsSwapped(t *testing.T) {
	const n = 40000
	d, digest := snapshot.NewDigests(layoutOf(n)), digestOf(1)
	got := allocated(func() {
		for seq := int64(1); seq < n; seq += 2 {
			d.Add(seq+1, digest)
			d.Add(seq, digest)
		}
	})
	if got > 4<<20 {
		t.Errorf("%d bytes were allocated for %d digests", got, n)
	}
	if len(d.Files()) != 1 {
		t.Error("the file is not complete")
	}
}
