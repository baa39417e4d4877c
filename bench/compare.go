package main

import "log"

// A row is one method in the table of results.
type row struct {
	verb      int
	method    string
	peer      string  // "" for a method that is only the peer of others
	ratio     float64 // median of seconds ÷ the peer's, by round
	seconds   float64 // median
	memory    int64   // bytes, the most in any run
	written   int64   // bytes, median
	read      int64   // bytes, median
	temporary int64   // bytes
	result    int64   // bytes, median; 0 where it is not of interest
	first     float64 // seconds until the first row or byte; 0 for none
}

// byVerb orders the rows of a table: by verb, vxsnap's first.
func byVerb(a, z row) int {
	if a.ours() == z.ours() || a.verb != z.verb {
		return a.verb - z.verb
	}
	if a.ours() {
		return -1
	}
	return 1
}

// compare runs a method and its peer in turn, and gives a row for each.
func (b *bench) compare(verb int, m, peer method) (row, row, error) {
	log.Printf("%s: %s ÷ %s", verbs[verb], m.name, peer.name)
	mine, theirs, err := b.inTurn(b.rounds(m), m, peer)
	if err != nil {
		return row{}, row{}, err
	}
	r := newRow(verb, m, mine)
	r.peer, r.ratio = peer.name, ratio(mine, theirs)
	return r, newRow(verb, peer, theirs), nil
}

func newRow(verb int, m method, runs []usage) row {
	r := row{verb: verb, method: m.name}
	var seconds []float64
	var written, read, result []int64
	for _, used := range runs {
		seconds = append(seconds, used.seconds)
		written, read = append(written, used.written), append(read, used.read)
		result = append(result, used.result)
		r.memory = max(r.memory, used.memory)
	}
	r.seconds, r.written, r.read, r.result = median(seconds), median(written), median(read), median(result)
	return r
}

// complete adds what is measured in runs of its own.
func (b *bench) complete(r *row, m method) error {
	var err error
	if r.temporary, err = b.temporarySpace(m); err != nil {
		return err
	}
	if m.stream != nil {
		r.first, err = b.firstByte(m)
	}
	return err
}
