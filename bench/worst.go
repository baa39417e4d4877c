package main

// worst gives the most memory above a bare sqlite3 and the most temporary space
// of any vxsnap process, in bytes.
func (b *bench) worst() (memory, temporary int64) {
	for _, res := range b.results {
		for _, r := range res.rows {
			if !r.ours() {
				continue
			}
			memory = max(memory, r.memory-res.bare.memory)
			temporary = max(temporary, r.temporary)
		}
		if res.saved != nil {
			for i := range res.saved.pairs {
				temporary = max(temporary, res.saved.pairs[i].mine.temporary)
			}
		}
	}
	if b.cold != nil {
		memory = max(memory, b.cold.export.memory-b.goalResult().bare.memory)
	}
	if b.walPin != nil {
		memory = max(memory, b.walPin.export.memory-b.goalResult().bare.memory)
	}
	return memory, temporary
}

// slowestFirstRow is of the default chunk size, in seconds.
func (b *bench) slowestFirstRow() (seconds float64) {
	for _, res := range b.results {
		seconds = max(seconds, res.row(verbExport, vxsnapName(defaultChunkSize)).first)
	}
	return seconds
}

func (res *result) row(verb int, method string) row {
	for _, r := range res.rows {
		if r.verb == verb && r.method == method {
			return r
		}
	}
	return row{}
}
