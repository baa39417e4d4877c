package main

import "slices"

// A growth says how much longer a method takes on the largest database than on
// the base, for each byte: 1.0 is linear.
type growth struct {
	small, large int     // MiB
	export       float64 // large and small in turn
	verify       float64 // from the two tables
}

// growthBase is the size that growth starts from: 256 MiB if it is measured.
func (b *bench) growthBase() int {
	if slices.Contains(b.sizes, growthSmall) {
		return growthSmall
	}
	return b.sizes[0]
}

// measureGrowth takes turns between the largest database and the base.
func (b *bench) measureGrowth() error {
	small, large := b.growthBase(), b.sizes[len(b.sizes)-1]
	if small == large {
		return nil
	}
	from, to := b.databasePath(small), b.databasePath(large)
	for _, path := range []string{from, to} {
		if err := warm(path); err != nil {
			return err
		}
	}
	r, _, err := b.compare(verbExport, b.export(to, defaultChunkSize), b.export(from, defaultChunkSize))
	if err != nil {
		return err
	}
	bytes := float64(fileSize(to)) / float64(fileSize(from))
	b.growth = &growth{small: small, large: large, export: r.ratio / bytes}
	rate := func(size int) float64 {
		i := slices.IndexFunc(b.results, func(res *result) bool { return res.size == size })
		return b.results[i].throughput(b.results[i].row(verbVerify, vxsnapName(defaultChunkSize)))
	}
	b.growth.verify = rate(small) / rate(large)
	return nil
}
