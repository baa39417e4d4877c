package main

import (
	"fmt"
	"strings"
)

// writeSaved writes the section about saved files.
func (b *bench) writeSaved(w *strings.Builder) {
	fmt.Fprint(w, savedText)
	for _, res := range b.results {
		if res.saved != nil {
			res.writeSaved(w)
		}
	}
}

const savedText = `
## Saved files

Of the database of the other tables, whose bytes are random, and of one of texts: documents with a title and a body of 50
to 1,500 words, made of 10,000 words of up to 5 syllables, the n-th as often as 1/n says, in sentences
(` + "`bench/words.go`; every run makes the same" + `). A file is on the disk when its method ends, and is removed before the next one
begins; what verify and restore read is in the page cache, and *zstd -d* reads the same file as the restore beside it. *Result* is the
size of the file, or of all rows, in MiB.
`

func (res *result) writeSaved(w *strings.Builder) {
	zstd := &res.saved.pairs[saveZstd].peer
	fmt.Fprintf(w, "\n%s; texts of %d bytes, which zstd -1 -T0 makes %.2f times smaller.\n\n",
		sizeText(res.size), res.saved.text, float64(res.saved.text)/float64(zstd.result))
	fmt.Fprintf(w, "| verb | database | method | seconds | MB/s | peer | ratio | memory | above | written | temporary | result |\n")
	fmt.Fprintf(w, "|---|---|---|--:|--:|---|--:|--:|--:|--:|--:|--:|\n")
	for i := range res.saved.pairs {
		p := &res.saved.pairs[i]
		for _, r := range []*row{&p.mine, &p.peer} {
			temporary, result := "", ""
			if r == &p.mine { // of a peer nobody asks
				temporary = mib(r.temporary)
			}
			if r.result > 0 {
				result = mib(r.result)
			}
			fmt.Fprintf(w, "| %s | %s | %s | %.3f | %.0f | %s | %s | %s | %s | %s | %s | %s |\n", verbs[r.verb], p.database(), r.title(), r.seconds,
				p.throughput(r), r.peer, r.ratioText(), mib(r.memory), mib(max(0, r.memory-res.bare.memory)),
				mib(max(0, r.written-res.bare.written)), temporary, result)
		}
	}
}

func (p *pair) database() string {
	if p.text {
		return "texts"
	}
	return "random"
}

// throughput in MB/s, of 1,000,000 bytes of database.
func (p *pair) throughput(r *row) float64 { return float64(p.bytes) / 1e6 / r.seconds }
