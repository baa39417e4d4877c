package main

import (
	"fmt"
	"strings"
)

// writeNights writes the section about stores.
func (b *bench) writeNights(w *strings.Builder) {
	s := b.nights
	changed := int64(0)
	for _, one := range s.inGo {
		changed += one.changed
	}
	fmt.Fprintf(w, nightsText, nightsSaved, sizeText(b.changedSize()), s.bytes, mib(changed), nightsSaved-1, mib(s.firstSize), mib(s.size),
		nightsSaved-nightsKept, s.pruned.seconds, len(s.after), len(s.shell), s.grown)
	fmt.Fprint(w, pairsHead)
	s.first.write(w, "night 1", s.bare)
	for _, part := range []struct {
		from, to int
		nights   []night
	}{
		{2, nightsSaved, s.inGo},
		{nightsSaved + 1, nightsSaved + len(s.after), s.after},
		{nightsSaved + len(s.after) + 1, nightsSaved + len(s.after) + len(s.shell), s.shell},
	} {
		p := s.pair(part.nights)
		p.write(w, fmt.Sprintf("nights %d to %d", part.from, part.to), s.bare)
	}
	for i := range s.restores {
		s.restores[i].write(w, fmt.Sprintf("night %d", s.restores[i].n), s.bare)
	}
	prune := pair{bytes: s.bytes, mine: s.pruned}
	prune.writeRow(w, fmt.Sprintf("%d of %d nights", nightsSaved-nightsKept, nightsSaved), &prune.mine, s.bare)
	low, high := s.writtenRange()
	fmt.Fprintf(w, "\nA night in Go writes %.2f to %.2f times the bytes of the pages that changed.\n", low, high)
}

const nightsText = `
## A store of %d nights, %s

1 %% of the rows of a database of %d bytes were changed before each night but the first, picked at random: a comparison of the
files, page by page, finds %s MiB of pages that differ in %d nights. The store keeps chunks of 4 KiB as they are; it has
%s MiB after the first night, %s with all. A prune then drops %d nights in %.3f s (copies of the store were pruned, the median), and
in %d more nights by Go and %d by the shell the file grows by %d bytes. In Go is a program that calls package store (` + "`bench/nights`" + `),
in the shell the session of docs/STORE.md. MB/s are of the whole database, also where only what changed is written. A night takes turns
with *openssl* night by night; of the restores of a night, vxsnap's .tar is a snapshot of the same state.

`

// pair makes a row of many nights.
func (s *nights) pair(list []night) pair {
	var mine, peer []usage
	for _, one := range list {
		mine, peer = append(mine, one.mine), append(peer, one.peer)
	}
	p := pair{
		bytes: s.bytes,
		mine:  newRow(verbSave, method{name: list[0].name}, mine),
		peer:  newRow(verbSave, method{name: list[0].other}, peer),
	}
	p.mine.peer, p.mine.ratio = list[0].other, ratio(mine, peer)
	return p
}

// writtenRange is the least and the most that a night writes for each changed byte.
func (s *nights) writtenRange() (low, high float64) {
	for i := range s.inGo {
		one := medianWritten(s.inGo[i:i+1], s.bare)
		if i == 0 || one < low {
			low = one
		}
		high = max(high, one)
	}
	return low, high
}
