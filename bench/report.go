package main

import (
	"fmt"
	"strings"
)

// ours says whether a row is vxsnap's and not a peer's.
func (r row) ours() bool { return strings.HasPrefix(r.method, "vxsnap") }

// title is bold for vxsnap's.
func (r row) title() string {
	if r.ours() {
		return "**" + r.method + "**"
	}
	return r.method
}

// ratioText is empty where there is no peer.
func (r row) ratioText() string {
	if r.peer == "" {
		return ""
	}
	return fmt.Sprintf("%.2f", r.ratio)
}

// report makes RESULTS.md.
func (b *bench) report() string {
	var w strings.Builder
	fmt.Fprintf(&w, "# What vxsnap costs\n\n")
	fmt.Fprintf(&w, introduction, b.runs, b.rounds(method{minor: true}))
	if b.only == "" {
		fmt.Fprint(&w, "![throughput](results.svg)\n\n")
	}
	for _, line := range b.environment() {
		fmt.Fprintf(&w, "- %s\n", line)
	}
	fmt.Fprintf(&w, "\n## Goals, at %s\n\n", b.scope())
	fmt.Fprintf(&w, "| what | goal | measured | |\n|---|--:|--:|---|\n")
	for _, g := range b.goals() {
		fmt.Fprintf(&w, "| %s | %s | %s | %s |\n", g.what, g.limit(), g.measured(), g.verdict())
	}
	if b.only == "" {
		b.writeRows(&w)
	}
	if b.wants(onlySaved) {
		b.writeSaved(&w)
	}
	if b.wants(onlyIncrement) {
		b.writeIncrement(&w)
	}
	if b.wants(onlyStore) {
		b.writeNights(&w)
	}
	if b.litestreamErr != nil {
		fmt.Fprintf(&w, "\nLitestream was not measured: %v\n", b.litestreamErr)
	}
	fmt.Fprint(&w, columns)
	return w.String()
}

// scope is what the goals speak of, where they say nothing else.
func (b *bench) scope() string {
	changed := sizeText(b.changedSize()) + " and chunks of " + bytesText(pageSize)
	scope := sizeText(b.goalSize()) + " and chunks of " + bytesText(defaultChunkSize) + " where nothing else is said"
	switch b.only {
	case onlySaved:
		return scope
	case onlyIncrement, onlyStore:
		return changed
	default:
		return scope + "; of increments and stores at " + changed
	}
}

// writeRows writes the sections about everything that has none of its own.
func (b *bench) writeRows(w *strings.Builder) {
	for _, res := range b.results {
		res.write(w)
		if res.large() {
			fmt.Fprint(w, largeNote)
		}
	}
	b.writeCold(w)
	b.writeLatency(w)
	b.writeWALPin(w)
}

const introduction = `Whole processes, databases in the page cache, a method and its peer in turn (A B, B A, …), and what one
wrote is on the disk before the next begins; medians of %d rounds (%d where no goal speaks of the method), and the
median of the rounds' ratios. ` + "`bench/methods.go`, `bench/savedmethods.go`, `bench/incrementmethods.go`" + `
and ` + "`bench/nightsmethods.go`" + ` list what is run.

`

// columns explains the tables.
const columns = `
## The columns

- **ratio**: seconds ÷ the peer's, round by round. Where vxsnap is the peer, it says how many times as long the
  method takes.
- **memory**: peak resident memory of the process (ru_maxrss), MiB; *above* is without what a bare sqlite3 process takes.
- **written**: what the process handed to a file system (ru_oublock), MiB, without what a bare sqlite3 process does
  (the shared-memory file of WAL mode).
- **temporary**: the most disk space of temporary files at one moment, MiB.
- **first row**: of vxsnap, from the start of the statement to its first row, in a shell that has loaded vxsnap and read
  the schema (` + "`SELECT … LIMIT 1`" + ` down a pipe, so that the end of the statement is in it too); of another stream, from the
  start of its first process to its first byte.

Every method that leaves a file ends when its result is where it would be used: sqlite3 syncs what it writes,
cp and zstd are followed by a sync of the file, save and restore sync files and directories. Not every peer does the same work: openssl
leaves no copy, and cp of a database in use is not a snapshot; they show what the processor and the disk allow.
`

const largeNote = `
At this size only what the goals need is measured. The database, its stored snapshot and a restored copy may not fit into
memory together, so that restore and its peer run at the speed of the disk.
`

func (res *result) write(w *strings.Builder) {
	fmt.Fprintf(w, "\n## %s (%d bytes)\n\n", sizeText(res.size), res.bytes)
	fmt.Fprintf(w, "| verb | method | seconds | MB/s | peer | ratio | memory | above | written | temporary | first row, s |\n")
	fmt.Fprintf(w, "|---|---|--:|--:|---|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range res.rows {
		first := ""
		if r.first > 0 {
			first = fmt.Sprintf("%.3f", r.first)
		}
		fmt.Fprintf(w, "| %s | %s | %.3f | %.0f | %s | %s | %s | %s | %s | %s | %s |\n", verbs[r.verb], r.title(), r.seconds, res.throughput(r),
			r.peer, r.ratioText(), mib(r.memory), mib(max(0, r.memory-res.bare.memory)), mib(max(0, r.written-res.bare.written)), mib(r.temporary), first)
	}
}

// throughput in MB/s, of 1,000,000 bytes of database.
func (res *result) throughput(r row) float64 { return float64(res.bytes) / 1e6 / r.seconds }

// readShare is how often the database came from the disk.
func (res *result) readShare(r row) float64 { return float64(r.read) / float64(res.bytes) }

func mib(n int64) string {
	if n == 0 {
		return "0"
	}
	return fmt.Sprintf("%.1f", float64(n)/mebibyte)
}

// sizeText names a size as the goals do; the sizes are in MiB and GiB.
func sizeText(mebibytes int) string {
	if mebibytes >= 1024 && mebibytes%1024 == 0 {
		return fmt.Sprintf("%d GB", mebibytes/1024)
	}
	return fmt.Sprintf("%d MB", mebibytes)
}
