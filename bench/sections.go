package main

import (
	"fmt"
	"strings"
)

// The sections of RESULTS.md about what is measured on one size.

func (b *bench) writeCold(w *strings.Builder) {
	fmt.Fprintf(w, "\n## Cold cache, %s\n\n", sizeText(b.goalSize()))
	if b.cold == nil {
		fmt.Fprintf(w, "Not measured: the database %v.\n", b.coldErr)
		return
	}
	way := "posix_fadvise"
	if b.dropped {
		way += " and drop_caches"
	}
	fmt.Fprintf(w, coldText, way, mib(b.cold.kept))
	fmt.Fprintf(w, "| memory | method | seconds | MB/s | ÷ cat | read from disk ÷ size |\n|---|---|--:|--:|--:|--:|\n")
	res := b.goalResult()
	for _, one := range []struct {
		memory string
		row    row
	}{{"enough", b.cold.export}, {"enough", b.cold.cat}, {"too little", b.cold.exportLittle}, {"too little", b.cold.catLittle}} {
		fmt.Fprintf(w, "| %s | %s | %.3f | %.0f | %s | %.3f |\n", one.memory, one.row.title(), one.row.seconds,
			res.throughput(one.row), one.row.ratioText(), res.readShare(one.row))
	}
}

const coldText = `Before each process the database was taken out of memory by %s, and mincore
said that no page of it was left. Where memory is too little, at most %s MiB of the database stay in it, those that came
in last: whoever reads it twice takes it from the disk twice. What came from the disk is what Linux counts for the process
(read_bytes of /proc/PID/io).

`

func (b *bench) writeLatency(w *strings.Builder) {
	fmt.Fprintf(w, "\n## Commits during an export, %s\n\n", sizeText(b.goalSize()))
	fmt.Fprintf(w, "One WAL writer, a commit every %v or so.\n\n", commitPause)
	fmt.Fprintf(w, "| synchronous | without, ms | during an export, ms | ratio | during openssl, ms |\n|---|--:|--:|--:|--:|\n")
	for _, l := range b.latency {
		fmt.Fprintf(w, "| %s | %.3f | %.3f | %.2f | %.3f |\n", l.synchronous, l.without, l.while, l.ratio, l.control)
	}
}

func (b *bench) writeWALPin(w *strings.Builder) {
	pin := b.walPin
	fmt.Fprintf(w, "\n## A WAL that was not checkpointed, %s\n\n", sizeText(b.goalSize()))
	fmt.Fprintf(w, "With a WAL of %d bytes, `SELECT way FROM vx_snapshot_pin` takes %.3f s in a shell that is in use, and an export\n", pin.bytes, pin.pin)
	fmt.Fprintf(w, "%.3f s and %s MiB of memory.\n", pin.export.seconds, mib(pin.export.memory))
}
