package snapshot_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/vxsnap/vxsnap/snapshot"
)

// The set agrees with a map after every step, for numbers that lie close
// together, across the bounds of words, and far apart.
func TestSeqSetAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s snapshot.SeqSet
		seen := map[int64]bool{}
		most, below := int64(0), int64(0)
		number := rapid.OneOf(rapid.Int64Range(0, 20), rapid.Int64Range(50, 140), rapid.Int64Range(4090, 4100),
			rapid.Int64Range(0, 9000), rapid.Int64Range(math.MaxInt64-70, math.MaxInt64))
		runs := rapid.SliceOfN(number, 1, 60).Draw(t, "from")
		for _, from := range runs {
			for n := range rapid.Int64Range(1, 300).Draw(t, "length") {
				if n > math.MaxInt64-from {
					break
				}
				seq := from + n
				if got, want := s.Add(seq), !seen[seq]; got != want {
					t.Fatalf("Add(%d): got %t, want %t", seq, got, want)
				}
				seen[seq], most = true, max(most, seq)
			}
			for seen[below] {
				below++
			}
			if s.Below() != below || s.Most() != most || s.Count() != int64(len(seen)) {
				t.Fatalf("below, most, count: got %d %d %d, want %d %d %d", s.Below(), s.Most(), s.Count(), below, most, len(seen))
			}
		}
		for range 50 {
			if seq := number.Draw(t, "probe"); s.Has(seq) != seen[seq] {
				t.Fatalf("Has(%d): got %t, want %t", seq, s.Has(seq), seen[seq])
			}
		}
	})
}

// Rows in order need no words; a complete set needs none in the end.
func TestSeqSetMemory(t *testing.T) {
	const n = 20000
	var s snapshot.SeqSet
	for seq := range int64(n) {
		if s.Add(seq); s.Words() != 0 {
			t.Fatalf("%d words after 0 to %d in order", s.Words(), seq)
		}
	}
	s = snapshot.SeqSet{}
	for _, seq := range rand.New(rand.NewPCG(1, 2)).Perm(n) {
		s.Add(int64(seq))
	}
	// The word that holds the next seq may stay.
	if s.Below() != n || s.Words() > 1 {
		t.Errorf("a complete set of %d: below %d with %d words", n, s.Below(), s.Words())
	}
}
