package main

import (
	"fmt"
	"slices"
)

// A goal is one figure that vxsnap must reach, and what was measured.
type goal struct {
	what, limit, got string
	verdict          string // pass, MISS, or why it was not judged
}

const mebibyte = 1 << 20

// judge makes a goal of a figure that must not exceed its limit.
func judge(what, limit, got string, reached bool) goal {
	verdict := "MISS"
	if reached {
		verdict = "pass"
	}
	return goal{what, limit, got, verdict}
}

// goals checks what was measured against what must be reached.
func (b *bench) goals() []goal {
	res := b.goalResult()
	var list []goal
	ratio := func(what string, verb int, most float64) {
		r := res.row(verb, vxsnapName(defaultChunkSize))
		list = append(list, judge(what, fmt.Sprintf("≤ %.2f", most), fmt.Sprintf("%.2f", r.ratio), r.ratio <= most))
	}
	ratio("export ÷ openssl dgst -sha256", verbExport, 1.15)
	backup := res.row(verbExport, backupName).ratio
	list = append(list, judge(".backup ÷ export", "≥ 2.50", fmt.Sprintf("%.2f", backup), backup >= 2.5))
	ratio("verify ÷ openssl", verbVerify, 1.3)
	ratio("restore ÷ (cp + sync + openssl)", verbRestore, 1.3)

	memory, temporary := b.worst()
	list = append(list,
		judge("peak memory above a bare sqlite3, any size and chunk size", "≤ 32 MiB",
			fmt.Sprintf("%.1f MiB", float64(memory)/mebibyte), memory <= 32*mebibyte),
		judge("temporary disk space, any verb and size", "0 bytes", fmt.Sprintf("%d bytes", temporary), temporary == 0))

	if g := b.growth; g != nil {
		what := fmt.Sprintf("time for each byte, %s ÷ %s: export", sizeText(g.large), sizeText(g.small))
		for _, one := range []goal{
			judge(what, "0.85 to 1.15", fmt.Sprintf("%.2f", g.export), g.export >= 0.85 && g.export <= 1.15),
			judge("the same: verify", "0.85 to 1.15", fmt.Sprintf("%.2f", g.verify), g.verify >= 0.85 && g.verify <= 1.15),
		} {
			if g.small != growthSmall || g.large != growthLarge {
				one.verdict = "not judged; the goal is for 256 MB to 8 GB: BENCH_LARGE=1"
			}
			list = append(list, one)
		}
	}
	for _, l := range b.latency {
		list = append(list, judge("commit latency during an export ÷ without, synchronous = "+l.synchronous,
			"≤ 1.50", fmt.Sprintf("%.2f", l.ratio), l.ratio <= 1.5))
	}
	return list
}

// goalResult is that of the size that most goals speak of.
func (b *bench) goalResult() *result {
	return b.results[slices.Index(b.sizes, b.goalSize())]
}

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
	}
	if b.cold != nil {
		memory = max(memory, b.cold.export.memory-b.goalResult().bare.memory)
	}
	if b.walPin != nil {
		memory = max(memory, b.walPin.export.memory-b.goalResult().bare.memory)
	}
	return memory, temporary
}

func (res *result) row(verb int, method string) row {
	for _, r := range res.rows {
		if r.verb == verb && r.method == method {
			return r
		}
	}
	return row{}
}
