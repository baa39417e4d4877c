package main

import (
	"fmt"
	"math"
	"slices"
)

const mebibyte = 1 << 20

// goals is what must be reached, and what was measured.
func (b *bench) goals() []goal {
	var list []goal
	if b.only == "" {
		list = b.rowGoals()
	}
	if b.wants(onlySaved) {
		list = append(list, b.savedGoals()...)
	}
	if b.wants(onlyIncrement) {
		list = append(list, b.incrementGoals()...)
	}
	if b.wants(onlyStore) {
		list = append(list, b.nightsGoals()...)
	}
	return list
}

// rowGoals are those of everything that has no section of its own.
func (b *bench) rowGoals() []goal {
	memory, temporary := b.worst()
	list := []goal{
		atMost("export, chunks of 64 KiB ÷ openssl dgst -sha256", 0.62, "", b.ratioOf(verbExport, defaultChunkSize)),
		atMost("export, chunks of 4 KiB ÷ openssl", 0.85, "", b.ratioOf(verbExport, smallChunkSize)),
		atLeast(".backup ÷ export", 2.5, "", figure{value: b.goalResult().row(verbExport, backupName).ratio}),
		atMost("verify ÷ openssl", 0.62, "", b.ratioOf(verbVerify, defaultChunkSize)),
		atMost("restore, chunks of 64 KiB ÷ (cp + sync + openssl)", 0.7, "", b.ratioOf(verbRestore, defaultChunkSize)),
		atMost("restore, chunks of 4 KiB ÷ 64 KiB", 1.6, "", b.ratioOf(verbRestore, smallChunkSize)),
		atMost("first row, any size, no index files", 15, "ms", figure{value: b.slowestFirstRow() * 1000}),
		atMost("cold cache: export ÷ cat", 1.15, "", b.coldFigure(func() float64 { return b.cold.export.ratio })),
		atMost("bytes read from disk ÷ size, larger than memory allows to keep", 1.02, "", b.littleMemory()),
		atMost("pin of a WAL of 1 GB", 0.25, "s", b.pinFigure()),
		atMost("peak memory above a bare sqlite3, any size and chunk size from 4 KiB", 32, "MiB",
			figure{value: float64(memory) / mebibyte}),
		atMost("temporary disk space, any verb and size", 0, "bytes", figure{value: float64(temporary)}),
	}
	for _, l := range b.latency {
		got := figure{value: l.ratio}
		if l.synchronous != "FULL" {
			got.notJudged = "for information, the goal is for FULL"
		}
		list = append(list, atMost("commit latency during an export ÷ without, synchronous = "+l.synchronous, 1.5, "", got))
	}
	g := b.growth
	if g == nil {
		g = &growth{growthSmall, growthLarge, math.NaN(), math.NaN()}
	}
	what := fmt.Sprintf("time for each byte, %s ÷ %s: ", sizeText(g.large), sizeText(g.small))
	return append(list,
		between(what+"export", 0.85, 1.15, "", g.figure(g.export)),
		between(what+"verify", 0.85, 1.15, "", g.figure(g.verify)))
}

func (b *bench) ratioOf(verb, chunkSize int) figure {
	return figure{value: b.goalResult().row(verb, vxsnapName(chunkSize)).ratio}
}

// coldFigure is a figure of measureCold, if it could measure.
func (b *bench) coldFigure(value func() float64) figure {
	if b.cold == nil {
		return figure{math.NaN(), fmt.Sprintf("the database %v", b.coldErr)}
	}
	return figure{value: value()}
}

func (b *bench) littleMemory() figure {
	got := b.coldFigure(func() float64 { return b.goalResult().readShare(b.cold.exportLittle) })
	if b.cold != nil && b.goalSize() < goalSize {
		got.notJudged = "a database of " + sizeText(goalSize) + " is wanted"
	}
	return got
}

func (b *bench) pinFigure() figure {
	got := figure{value: b.walPin.pin}
	if b.walPin.bytes < goalWAL {
		got.notJudged = fmt.Sprintf("the WAL had %s MiB, for one of 1 GB a database of %s is wanted",
			mib(b.walPin.bytes), sizeText(goalSize))
	}
	return got
}

func (g *growth) figure(value float64) figure {
	if math.IsNaN(value) || g.small != growthSmall || g.large != growthLarge {
		return figure{value, "the goal is for 256 MB to 8 GB, BENCH_LARGE=1"}
	}
	return figure{value: value}
}

// goalResult is that of the size that most goals speak of.
func (b *bench) goalResult() *result {
	return b.results[slices.Index(b.sizes, b.goalSize())]
}
