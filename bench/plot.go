package main

import (
	"fmt"
	"os"
	"runtime"
)

// draw makes the picture for the README: the throughput of each method at 2 GB.
func (b *bench) draw(path string) error {
	res := b.goalResult()
	var groups []group
	verb := -1
	for _, r := range res.rows {
		if r.verb != verb {
			verb = r.verb
			groups = append(groups, group{heading: verbs[verb]})
		}
		last := &groups[len(groups)-1]
		last.bars = append(last.bars, res.bar(r))
	}
	if b.cold != nil {
		groups = append(groups, group{"export, cold cache", []bar{res.bar(b.cold.export), res.bar(b.cold.cat)}})
	}
	if res.saved != nil {
		groups = append(groups, res.saved.bars()...)
	}
	title := fmt.Sprintf("MB/s on a database of %s with %d cores; longer is better", sizeText(res.size), runtime.NumCPU())
	return os.WriteFile(path, picture(title, groups), 0o644)
}

func (res *result) bar(r row) bar { return bar{r.method, res.throughput(r), r.ours()} }

// bars are those of the saves.
func (s *saved) bars() []group {
	backup, cp, zstd := &s.pairs[saveBackup], &s.pairs[saveCopy], &s.pairs[saveZstd]
	return []group{
		{"save", []bar{backup.bar(&backup.mine), backup.bar(&backup.peer), cp.bar(&cp.peer)}},
		{"save, a database of texts", []bar{zstd.bar(&zstd.mine), zstd.bar(&zstd.peer)}},
	}
}

func (p *pair) bar(r *row) bar { return bar{r.method, p.throughput(r), r.ours()} }
