package snapshot

import "hash"

// A SeqSet lets the tests reach seqSet.
type SeqSet struct{ set seqSet }

func (s *SeqSet) Add(seq int64) bool { return s.set.add(seq) }
func (s *SeqSet) Has(seq int64) bool { return s.set.has(seq) }
func (s *SeqSet) Below() int64       { return s.set.below }
func (s *SeqSet) Most() int64        { return s.set.most }
func (s *SeqSet) Count() int64       { return s.set.count }
func (s *SeqSet) Words() int         { return len(s.set.words) }

// A Hasher lets the tests reach hasher.
type Hasher struct{ h *hasher }

func NewHasher() Hasher                       { return Hasher{newHasher()} }
func (h Hasher) Write(to hash.Hash, b []byte) { h.h.write(to, b) }
func (h Hasher) Wait()                        { h.h.wait() }
func (h Hasher) Close()                       { h.h.close() }
