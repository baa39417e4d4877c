package snapshot

import "math/bits"

// A seqSet remembers which rows have come. Rows that come in order cost
// nothing; others cost a bit each, in pages that are made when a row falls
// into them, so that memory never exceeds a small multiple of what was sent.
type seqSet struct {
	below int64              // every seq under this one is in the set
	pages map[int64]*seqPage // the others
	most  int64              // the highest seq in the set, -1 if it is empty
	count int64              // how many are in the set
}

const seqPageBits = 1 << 12

type seqPage [seqPageBits / 64]uint64

// add reports whether seq was not in the set yet.
func (s *seqSet) add(seq int64) bool {
	if s.has(seq) {
		return false
	}
	if s.count++; s.count == 1 || seq > s.most {
		s.most = seq
	}
	if seq == s.below && s.pages == nil {
		s.below++
		return true
	}
	if s.pages == nil {
		s.pages = make(map[int64]*seqPage)
	}
	page := s.pages[seq/seqPageBits]
	if page == nil {
		page = new(seqPage)
		s.pages[seq/seqPageBits] = page
	}
	page[seq%seqPageBits/64] |= 1 << (seq % 64)
	s.advance()
	return true
}

func (s *seqSet) has(seq int64) bool {
	if seq < s.below {
		return true
	}
	page := s.pages[seq/seqPageBits]
	return page != nil && page[seq%seqPageBits/64]>>(seq%64)&1 != 0
}

// advance moves below over the rows that now follow it without a gap, and
// drops the pages that it leaves.
func (s *seqSet) advance() {
	for {
		n := s.below / seqPageBits
		page := s.pages[n]
		if page == nil {
			break
		}
		at := s.below % seqPageBits
		word := page[at/64] >> (at % 64)
		run := int64(bits.TrailingZeros64(^word))
		run = min(run, 64-at%64)
		s.below += run
		if s.below/seqPageBits != n {
			delete(s.pages, n)
		} else if at%64+run < 64 {
			break
		}
	}
	if len(s.pages) == 0 {
		s.pages = nil
	}
}
