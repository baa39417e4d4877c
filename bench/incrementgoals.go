package main

import "math"

// incrementGoals are those of increments.
func (b *bench) incrementGoals() []goal {
	inc := b.increment
	ratio := func(i int) float64 { return inc.pairs[i].mine.ratio }
	list := []goal{
		atMost("increment, 1 % of the rows changed: bytes of all rows ÷ bytes of the changed pages", 1.02, "", b.changed(inc.overhead())),
		atMost("increment ÷ export, chunks of 4 KiB", 0.9, "", b.changed(ratio(incrementFull))),
		atMost("increment ÷ openssl", 0.7, "", b.changed(ratio(incrementOpenssl))),
		atMost("memory above a bare sqlite3 and 32 bytes a chunk, manifest, increment, restore on a base", 48, "MiB",
			b.changed(float64(inc.memory())/mebibyte)),
	}
	seconds, carried := b.changed(ratio(incrementSync)), b.changed(inc.carriedRatio())
	if inc.rsyncErr != nil {
		none := figure{math.NaN(), inc.rsyncErr.Error()}
		seconds, carried = none, none
	}
	return append(list,
		atMost("sync of a stale copy ÷ sqlite3_rsync", 0.5, "", seconds),
		atMost("bytes of its manifest and rows ÷ what sqlite3_rsync sends", 1.15, "", carried))
}

// changed is a figure of a database that changes.
func (b *bench) changed(value float64) figure {
	got := figure{value: value}
	if b.changedSize() < changedGoal {
		got.notJudged = "a database of " + sizeText(changedGoal) + " is wanted"
	}
	return got
}

// overhead is how many bytes of rows come for each byte of the pages that changed.
func (inc *increment) overhead() float64 { return float64(inc.rows) / float64(inc.changed) }

// carriedRatio is what must go over the line, manifest and rows, beside sqlite3_rsync.
func (inc *increment) carriedRatio() float64 {
	return float64(inc.manifest+inc.rows) / float64(inc.pairs[incrementSync].peer.result)
}

// memory is the most of whatever is done, above a bare sqlite3 and a manifest, in bytes.
func (inc *increment) memory() (most int64) {
	for i := range inc.pairs {
		most = max(most, inc.pairs[i].mine.memory)
	}
	return aboveManifest(most, inc.bare, inc.bytes)
}

// aboveManifest takes off what a bare sqlite3 has, and the manifest of a database.
func aboveManifest(memory int64, bare usage, database int64) int64 {
	return memory - bare.memory - digestSize*(database/pageSize)
}

const digestSize = 32 // of a chunk in a manifest, in bytes
