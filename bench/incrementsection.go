package main

import (
	"fmt"
	"strings"
)

// writeIncrement writes the section about increments.
func (b *bench) writeIncrement(w *strings.Builder) {
	inc := b.increment
	fmt.Fprintf(w, incrementText, sizeText(b.changedSize()), inc.bytes, inc.changed, inc.changed/pageSize, inc.fileRows, inc.rows,
		mib(inc.manifest), mib(inc.file), rsyncName)
	fmt.Fprint(w, pairsHead)
	for i := range inc.pairs {
		if p := &inc.pairs[i]; p.mine.method != "" {
			p.write(w, "what changed", inc.bare)
		}
	}
	if inc.rsyncErr != nil {
		fmt.Fprintf(w, "\n%s was not measured: %v\n", rsyncName, inc.rsyncErr)
		return
	}
	fmt.Fprintf(w, "\n%s sent %s MiB, both ways.\n", rsyncName, mib(inc.pairs[incrementSync].peer.result))
}

const incrementText = `
## Increments, %s

1 %% of the rows of a database of %d bytes were changed since the base, picked at random: a comparison of the two files finds
%d bytes of pages that differ, %d pages. The increment, chunks of 4 KiB, has %d bytes in its file rows, %d with
the metadata and the end record. The sync of a stale copy takes the manifest of its directory (a file of %s MiB), makes the increment
on that into a database (of %s MiB), and restores both in a new directory, of which every byte is checked. %s has both ends on
this machine, and changes a copy in place; its memory and what it writes are without its process at the copy.

`

const pairsHead = `| verb | of | method | seconds | MB/s | peer | ratio | memory | above | written |
|---|---|---|--:|--:|---|--:|--:|--:|--:|
`

// write writes a method and its peer.
func (p *pair) write(w *strings.Builder, of string, bare usage) {
	p.writeRow(w, of, &p.mine, bare)
	p.writeRow(w, of, &p.peer, bare)
}

func (p *pair) writeRow(w *strings.Builder, of string, r *row, bare usage) {
	fmt.Fprintf(w, "| %s | %s | %s | %.3f | %.0f | %s | %s | %s | %s | %s |\n", verbs[r.verb], of, r.title(), r.seconds, p.throughput(r),
		r.peer, r.ratioText(), mib(r.memory), mib(max(0, r.memory-bare.memory)), mib(max(0, r.written-bare.written)))
}
