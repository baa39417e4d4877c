package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
)

// A bench is the configuration and what was measured so far.
type bench struct {
	config
	ctx           context.Context // done when the run is interrupted
	load          string          // of the machine, before the run
	litestream    string          // the program
	litestreamErr error           // why there is none
	rsyncProgram  string          // sqlite3_rsync
	rsyncErr      error           // why there is none
	nightsProgram string          // of package store

	results []*result
	// What is measured on one size only: goalSize, or else the largest.
	latency []latency
	walPin  *walPin
	cold    *cold
	coldErr error // why there is no cold
	dropped bool  // drop_caches was allowed
	growth  *growth
	// What is measured on one that changes: changedSize.
	increment *increment
	nights    *nights
}

// A result is everything about one size of database.
type result struct {
	size  int   // MiB, as asked for
	bytes int64 // of the database file
	bare  usage // the most that the sqlite3 shell alone takes
	rows  []row
	saved *saved // nil where it is not measured
}

func (b *bench) databasePath(size int) string {
	return filepath.Join(b.dir, fmt.Sprintf("%d.db", size))
}

// storedPath is where a snapshot of the database of a size is stored as rows.
func (b *bench) storedPath(size, chunkSize int) string {
	return filepath.Join(b.dir, fmt.Sprintf("%d-stored-%d.db", size, chunkSize))
}

// measure builds a database of a size, compares everything on it, and removes
// what growth does not need.
func (b *bench) measure(size int) error {
	log.Printf("building a database of %d MiB", size)
	database := b.databasePath(size)
	if err := b.buildDatabase(database, size); err != nil {
		return err
	}
	res := &result{size: size, bytes: fileSize(database)}
	b.results = append(b.results, res)
	var err error
	if res.bare, err = b.measureBare(database); err != nil {
		return err
	}
	if b.only == onlySaved {
		return errors.Join(b.measureSaved(res, database), b.remove(size))
	}
	if size == b.goalSize() {
		if err := b.measureCold(database); err != nil {
			return err
		}
	}
	err = errors.Join(
		b.measureExports(res, database),
		b.measureSaved(res, database),
		b.measureStored(res, database),
		b.measureOnCopy(res, database),
	)
	slices.SortStableFunc(res.rows, byVerb)
	return errors.Join(err, b.remove(size))
}

// remove removes what was made of a size, but not what growth is measured on.
func (b *bench) remove(size int) error {
	grows := size == b.growthBase() || size == b.sizes[len(b.sizes)-1]
	var err error
	for _, chunkSize := range chunkSizes {
		if path := b.storedPath(size, chunkSize); !grows || chunkSize != defaultChunkSize {
			err = errors.Join(err, os.RemoveAll(path))
		}
	}
	if !grows {
		err = errors.Join(err, os.Remove(b.databasePath(size)))
	}
	return err
}

func (b *bench) measureExports(res *result, database string) error {
	for _, chunkSize := range b.chunkSizes(res) {
		if err := b.add(res, verbExport, b.export(database, chunkSize), openssl(database)); err != nil {
			return err
		}
		var err error
		r := &res.rows[len(res.rows)-1]
		if r.first, err = b.firstRow(database, chunkSize); err != nil {
			return err
		}
	}
	for _, m := range b.copies(database) {
		if res.large() && m.name != backupName {
			continue
		}
		if err := b.add(res, verbExport, m, b.export(database, defaultChunkSize)); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measureStored(res *result, database string) error {
	for _, chunkSize := range b.chunkSizes(res) {
		if err := b.storeSnapshot(b.storedPath(res.size, chunkSize), database, chunkSize); err != nil {
			return err
		}
	}
	for _, chunkSize := range b.chunkSizes(res) {
		stored, peer := b.storedPath(res.size, chunkSize), b.copyAndHash(database)
		if chunkSize == smallChunkSize { // what small chunks cost
			peer = b.restore(b.storedPath(res.size, defaultChunkSize), defaultChunkSize)
		}
		err := errors.Join(
			warm(stored),
			b.add(res, verbVerify, b.verify(stored, chunkSize), openssl(database)),
			b.add(res, verbRestore, b.restore(stored, chunkSize), peer),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// large says that a database is beyond what the ratios are asked for: only what
// growth needs is measured on it.
func (res *result) large() bool { return res.size > goalSize }

func (b *bench) chunkSizes(res *result) []int {
	if res.large() {
		return []int{defaultChunkSize}
	}
	return chunkSizes
}

// measureOnCopy measures what changes the database.
func (b *bench) measureOnCopy(res *result, database string) (err error) {
	dir := filepath.Join(b.dir, "changed")
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	changed := filepath.Join(dir, "app.db")
	if err := copyWarm(changed, database); err != nil {
		return err
	}
	if b.litestreamErr == nil && !res.large() {
		err := b.add(res, verbExport, b.firstSnapshot(changed), b.export(database, defaultChunkSize))
		if err != nil {
			return err
		}
	}
	if res.size != b.goalSize() {
		return nil
	}
	return errors.Join(b.measureLatency(changed), b.measureWALPin(changed))
}

// add compares a method with its peer and keeps the rows: the peer's too where it
// is not a row of its own, once.
func (b *bench) add(res *result, verb int, m, peer method) error {
	mine, theirs, err := b.compare(verb, m, peer)
	if err != nil {
		return err
	}
	if err := b.complete(&mine, m); err != nil {
		return err
	}
	if m.name == vxsnapName(defaultChunkSize) {
		if err := b.complete(&theirs, peer); err != nil {
			return err
		}
		res.rows = append(res.rows, theirs)
	}
	res.rows = append(res.rows, mine)
	return nil
}
