package main

import "log"

// A growth says how much longer a method takes on the largest database than on
// the base, for each byte: 1.0 is linear. The time in which a process starts and
// loads vxsnap is taken off, because it belongs to no byte.
type growth struct {
	small, large int // MiB
	export       float64
	verify       float64
}

// measureGrowth takes turns between the largest database and the base.
func (b *bench) measureGrowth() error {
	small, large := b.growthBase(), b.sizes[len(b.sizes)-1]
	if small == large {
		return nil
	}
	from, to := b.databasePath(small), b.databasePath(large)
	storedFrom, storedTo := b.storedPath(small, defaultChunkSize), b.storedPath(large, defaultChunkSize)
	for _, path := range []string{from, to, storedFrom, storedTo} {
		if err := warm(path); err != nil {
			return err
		}
	}
	export, err := b.growthOf(b.export(from, defaultChunkSize), b.export(to, defaultChunkSize))
	if err != nil {
		return err
	}
	verify, err := b.growthOf(b.verify(storedFrom, defaultChunkSize), b.verify(storedTo, defaultChunkSize))
	if err != nil {
		return err
	}
	bytes := float64(fileSize(to)) / float64(fileSize(from))
	b.growth = &growth{small: small, large: large, export: export / bytes, verify: verify / bytes}
	return nil
}

// growthOf says how many times the time of one method another takes.
func (b *bench) growthOf(small, large method) (float64, error) {
	log.Printf("growth: %s", large.args[len(large.args)-1])
	start, err := medianOf(b.runs, func() (float64, error) {
		used, err := b.execute(b.loading())
		return used.seconds, err
	})
	if err != nil {
		return 0, err
	}
	larges, smalls, err := b.inTurn(b.runs, large, small)
	if err != nil {
		return 0, err
	}
	for i := range larges {
		larges[i].seconds -= start
		smalls[i].seconds -= start
	}
	return ratio(larges, smalls), nil
}
