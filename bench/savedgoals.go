package main

// savedGoals are those of saved files: judged at the size of the goals, and shown at
// the smaller one.
func (b *bench) savedGoals() []goal {
	list := b.goalResult().savedGoals()
	for _, res := range b.results {
		if res.saved == nil || res.size == b.goalSize() {
			continue
		}
		for _, g := range res.savedGoals() {
			g.what += ", at " + sizeText(res.size)
			g.got.notJudged = "for information, the goal is for " + sizeText(b.goalSize())
			list = append(list, g)
		}
	}
	return list
}

func (res *result) savedGoals() []goal {
	pairs := &res.saved.pairs
	ratio := func(i int) figure { return figure{value: pairs[i].mine.ratio} }
	size := func(i int) figure {
		return figure{value: float64(pairs[i].mine.result) / float64(pairs[i].peer.result)}
	}
	copied := ratio(saveCopy)
	if res.size < goalSize {
		copied.notJudged = "a database of " + sizeText(goalSize) + " is wanted"
	}
	return []goal{
		atMost("save to .tar ÷ .backup", 0.55, "", ratio(saveBackup)),
		atMost("save to .tar ÷ (cp + sync)", 1, "", copied),
		atMost("save of texts to .tar.zst ÷ (zstd -1 -T0 + sync)", 1.2, "", ratio(saveZstd)),
		atMost("size of texts in .tar.zst ÷ in what zstd -1 -T0 makes", 1, "", size(saveZstd)),
		atMost("size of texts in chunks of 64 KiB in zstd ÷ in what zstd -1 makes", 1.1, "", size(exportZstd)),
		atMost("restore from .tar ÷ (cp + sync + openssl)", 0.85, "", ratio(restoreTar)),
		atMost("restore from .tar.zst ÷ (zstd -d + sync)", 1.15, "", ratio(restoreZstd)),
		atMost("peak memory above a bare sqlite3, save, restore from a saved file, chunks in zstd", 48, "MiB",
			figure{value: float64(res.savedMemory()) / mebibyte}),
	}
}

// savedMemory is the most above a bare sqlite3 of what the goal names, in bytes.
func (res *result) savedMemory() (most int64) {
	for _, i := range []int{saveBackup, saveCopy, saveZstd, exportZstd, restoreTar, restoreZstd} {
		most = max(most, res.saved.pairs[i].mine.memory-res.bare.memory)
	}
	return most
}
