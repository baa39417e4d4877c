package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"time"
)

// keptShare is the part of a file that stays in memory where it is said to be
// larger than memory allows to keep: 256 MB of 2 GB.
const keptShare = 8

// errCached says that nothing takes a file out of memory, as on a tmpfs.
var errCached = errors.New("stays in memory")

// A cold is an export of a database of which nothing is in memory at the start,
// beside cat; once with the memory of the machine, and once with too little.
type cold struct {
	export, cat             row
	exportLittle, catLittle row
	kept                    int64 // bytes, of the last two
}

// measureCold leaves the database in memory again.
func (b *bench) measureCold(database string) error {
	c := &cold{kept: fileSize(database) / keptShare}
	for _, one := range []struct {
		what        string
		export, cat *row
		kept        int64
	}{{"cold", &c.export, &c.cat, 0}, {"cold, little memory", &c.exportLittle, &c.catLittle, c.kept}} {
		export, cat := b.export(database, defaultChunkSize), script("cat > /dev/null", "exec cat %s > /dev/null", database)
		export.cold, cat.cold = database, database
		export.kept, cat.kept = one.kept, one.kept
		log.Printf("%s: %s ÷ %s", one.what, export.name, cat.name)
		exports, cats, err := b.inTurn(b.runs, export, cat)
		if errors.Is(err, errCached) {
			b.coldErr = err
			return nil
		}
		if err != nil {
			return err
		}
		*one.export, *one.cat = newRow(verbExport, export, exports), newRow(verbExport, cat, cats)
		one.export.peer, one.export.ratio = cat.name, ratio(exports, cats)
	}
	b.cold = c
	return warm(database)
}

// executeCold runs a method on a file that is not in memory.
func (b *bench) executeCold(m method) (used usage, err error) {
	file, err := openCached(m.cold)
	if err != nil {
		return usage{}, err
	}
	defer func() { err = errors.Join(err, file.close()) }()
	if err := b.chill(file); err != nil {
		return usage{}, fmt.Errorf("%s: %w", m.cold, err)
	}
	if m.kept == 0 {
		return b.run(m)
	}
	stop, forgotten := make(chan struct{}), make(chan error, 1)
	go func() { forgotten <- file.forget(int(m.kept), stop) }()
	used, err = b.run(m)
	close(stop)
	return used, errors.Join(err, <-forgotten)
}

// chill takes a file out of memory, and everything else where that is allowed
// (what caches the file system's own blocks is cold then too), but not the programs
// that are run: those count on both sides, and are no part of the question.
func (b *bench) chill(file *cachedFile) error {
	for range 5 {
		if err := file.drop(0, len(file.data)); err != nil {
			return err
		}
		b.dropped = os.WriteFile("/proc/sys/vm/drop_caches", []byte("1\n"), 0) == nil
		for _, m := range []method{b.loading(), script("cat", "exec cat /dev/null")} {
			if _, err := b.run(m); err != nil {
				return err
			}
		}
		if pages, err := file.cached(0, len(file.data)); pages == 0 || err != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errCached
}
