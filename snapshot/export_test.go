package snapshot

import "os"

// A SeqSet lets the tests reach seqSet.
type SeqSet struct{ set seqSet }

func (s *SeqSet) Add(seq int64) bool { return s.set.add(seq) }
func (s *SeqSet) Has(seq int64) bool { return s.set.has(seq) }
func (s *SeqSet) Below() int64       { return s.set.below }
func (s *SeqSet) Most() int64        { return s.set.most }
func (s *SeqSet) Count() int64       { return s.set.count }
func (s *SeqSet) Words() int         { return len(s.set.words) }

// A Digests lets the tests reach digests.
type Digests struct{ d *digests }

func NewDigests(m *Metadata) Digests             { return Digests{newDigests(newLayout(m))} }
func (d Digests) Add(seq int64, digest Checksum) { d.d.add(seq, &digest) }
func (d Digests) Files() []Checksum              { return d.d.files }
func (d Digests) Waiting() int                   { return d.d.late.n }

// CheckNames lets the tests reach the rule of names.
func CheckNames(files []File) error { return checkNames(files) }

// SetRemoveName replaces the removal of a file's first name until the function that it gives
// is called.
func SetRemoveName(remove func(name string) error) (restore func()) {
	removeName = remove
	return func() { removeName = os.Remove }
}

// Frames is how many chunks of the current block are compressed.
func (s *Stream) Frames() (n int) {
	b := s.window.front
	b.Wait()
	for _, frame := range b.chunks {
		if frame != nil {
			n++
		}
	}
	return n
}
