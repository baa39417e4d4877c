package snapshot

// digests takes the digests of a snapshot's chunks, each once. Those that come in
// seq order cost nothing; the others wait, in a heap, for those before them: 40
// bytes each. Those of an increment wait for what a base has, if there is one.
type digests struct {
	folder
	next    int64 // the seq whose digest the folder needs
	late    lateHeap
	carried *carried // over those that rows had
}

func newDigests(l *layout) *digests {
	return &digests{folder: *newFolder(l), next: 1, carried: newCarried()}
}

// add takes the digest of a row.
func (d *digests) add(seq int64, digest *Checksum) {
	if seq != d.next {
		d.late.push(lateDigest{seq, *digest})
		return
	}
	d.carried.add(seq, digest)
	d.fold(digest)
}

// fold takes the next digest, a row's or that of a chunk that has no row.
func (d *digests) fold(digest *Checksum) {
	d.folder.add(digest)
	for d.next++; d.late.n > 0 && d.late.at(0).seq == d.next; d.next++ {
		least := d.late.pop()
		d.carried.add(least.seq, &least.digest)
		d.folder.add(&least.digest)
	}
}

// leave gives up those that wait for what does not come.
func (d *digests) leave() {
	for d.late.n > 0 {
		least := d.late.pop()
		d.carried.add(least.seq, &least.digest)
	}
}

// A lateHeap is a binary heap, the least seq first, in pieces that are never
// copied: a slice that grows would need its memory twice.
type lateHeap struct {
	pieces []*[latePiece]lateDigest
	n      int
}

type lateDigest struct {
	seq    int64
	digest Checksum
}

const latePiece = 1024

func (h *lateHeap) at(i int) *lateDigest { return &h.pieces[i/latePiece][i%latePiece] }

func (h *lateHeap) push(d lateDigest) {
	if h.n == len(h.pieces)*latePiece {
		h.pieces = append(h.pieces, new([latePiece]lateDigest))
	}
	i := h.n
	h.n++
	for ; i > 0 && h.at((i-1)/2).seq > d.seq; i = (i - 1) / 2 {
		*h.at(i) = *h.at((i - 1) / 2)
	}
	*h.at(i) = d
}

func (h *lateHeap) pop() lateDigest {
	least := *h.at(0)
	h.n--
	last, i := *h.at(h.n), 0
	for {
		child := 2*i + 1
		if child+1 < h.n && h.at(child+1).seq < h.at(child).seq {
			child++
		}
		if child >= h.n || h.at(child).seq >= last.seq {
			break
		}
		*h.at(i) = *h.at(child)
		i = child
	}
	*h.at(i) = last
	if most := (h.n+latePiece-1)/latePiece + 1; len(h.pieces) > most { // one stays for what comes next
		clear(h.pieces[most:])
		h.pieces = h.pieces[:most]
	}
	return least
}
