package snapshot

import "math/bits"

// A seqSet remembers which rows have come. Rows that come in order cost
// nothing. Others cost a bit each, in words that are made when a row falls into
// them: a row that is alone in its word costs about 40 bytes, so that memory never
// exceeds a small multiple of what was sent.
type seqSet struct {
	below int64            // every seq under this one is in the set
	words map[int64]uint64 // the others, seq/64 → a bit for each
	most  int64            // the highest seq in the set, -1 if it is empty
	count int64            // how many are in the set
}

// add reports whether seq was not in the set yet.
func (s *seqSet) add(seq int64) bool {
	if s.has(seq) {
		return false
	}
	if s.count++; s.count == 1 || seq > s.most {
		s.most = seq
	}
	if seq == s.below && s.words == nil {
		s.below++
		return true
	}
	if s.words == nil {
		s.words = make(map[int64]uint64)
	}
	s.words[seq/64] |= 1 << (seq % 64)
	s.advance()
	return true
}

func (s *seqSet) has(seq int64) bool {
	return seq < s.below || s.words[seq/64]>>(seq%64)&1 != 0
}

// advance moves below over the rows that now follow it without a gap, and
// drops the words that it leaves.
func (s *seqSet) advance() {
	for {
		n, at := s.below/64, s.below%64
		word, ok := s.words[n]
		if !ok {
			break
		}
		run := int64(bits.TrailingZeros64(^(word >> at)))
		s.below += min(run, 64-at)
		if s.below/64 == n {
			break
		}
		delete(s.words, n)
	}
	if len(s.words) == 0 {
		s.words = nil
	}
}
