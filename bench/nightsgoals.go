package main

// nightsGoals are those of a store.
func (b *bench) nightsGoals() []goal {
	s := b.nights
	const restoring = "restore of a night from a store ÷ restore of a .tar of it, the slowest"
	return []goal{
		atMost("store of 30 nights, 1 % of the rows changed: size ÷ (the database + the changed pages)", 1.1, "", b.changed(s.sizeRatio())),
		atMost("a night ÷ openssl", 1.15, "", b.changed(medianRatio(s.inGo))),
		atMost("bytes that a night writes ÷ bytes of the changed pages", 2.2, "", b.changed(medianWritten(s.inGo, s.bare))),
		atMost("the first night ÷ .backup, both with a sync", 1.5, "", b.changed(s.first.mine.ratio)),
		atMost(restoring, 1.4, "", b.changed(s.slowestRestore(goName))),
		shown(atMost(restoring+", in the shell", 1.4, "", b.changed(s.slowestRestore(shellName)))),
		atMost("prune of 20 of 30 nights", 4, "s", b.changed(s.pruned.seconds)),
		atMost("growth of the store in the nights after that", 0, "bytes", b.changed(float64(s.grown))),
		atMost("memory above a bare sqlite3 and 32 bytes a chunk, nights, restores and prune", 48, "MiB", b.changed(float64(s.memory())/mebibyte)),
		shown(atMost("a night in the shell ÷ openssl", 1.15, "", b.changed(medianRatio(s.shell)))),
		shown(atMost("bytes that a night in the shell writes ÷ bytes of the changed pages", 2.2, "", b.changed(medianWritten(s.shell, s.bare)))),
	}
}

// shown is a goal that says what another way costs.
func shown(g goal) goal {
	if g.got.notJudged == "" {
		g.got.notJudged = "for information, the goal is for Go"
	}
	return g
}

// sizeRatio is what the store takes, for each byte of the database and of the pages that changed.
func (s *nights) sizeRatio() float64 {
	bytes := s.bytes
	for _, one := range s.inGo {
		bytes += one.changed
	}
	return float64(s.size) / float64(bytes)
}

func medianRatio(list []night) float64 {
	var ratios []float64
	for _, one := range list {
		ratios = append(ratios, one.mine.seconds/one.peer.seconds)
	}
	return median(ratios)
}

func medianWritten(list []night, bare usage) float64 {
	var ratios []float64
	for _, one := range list {
		ratios = append(ratios, float64(max(0, one.mine.written-bare.written))/float64(one.changed))
	}
	return median(ratios)
}

func (s *nights) slowestRestore(method string) (most float64) {
	for _, r := range s.restores {
		if r.mine.method == method {
			most = max(most, r.mine.ratio)
		}
	}
	return most
}

// memory is the most of whatever is done, above a bare sqlite3 and a manifest, in bytes.
func (s *nights) memory() int64 {
	most := max(s.first.mine.memory, s.pruned.memory)
	for _, list := range [][]night{s.inGo, s.after, s.shell} {
		for _, one := range list {
			most = max(most, one.mine.memory)
		}
	}
	for _, r := range s.restores {
		most = max(most, r.mine.memory)
	}
	return aboveManifest(most, s.bare, s.bytes)
}
