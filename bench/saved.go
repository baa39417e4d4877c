package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
)

// onlySaved is the value of BENCH_ONLY that leaves out all but saved files.
const onlySaved = "saved"

// What is measured on saved files, each with a peer. The database is that of the
// other tables, whose bytes do not compress, or one of texts, which do.
const (
	saveBackup = iota
	saveCopy
	saveZstd
	exportTar
	exportZstd
	verifyTar
	verifyZstd
	restoreTar
	restoreZstd
	savedPairs // how many they are
)

// A saved is everything about the saved files of one size of database.
type saved struct {
	text  int64 // bytes of the database of texts
	pairs [savedPairs]pair
}

// A pair is a method and its peer, which took turns.
type pair struct {
	text       bool  // on the database of texts
	bytes      int64 // of the database
	mine, peer row
}

// A contest is a pair before it is measured.
type contest struct {
	verb       int
	text       bool
	mine, peer method
}

// savedSizes are the sizes that saved files are measured at, in MiB: that of the goals
// and a smaller one.
func (cfg config) savedSizes() []int {
	return slices.Compact([]int{cfg.growthBase(), cfg.goalSize()})
}

// measureSaved saves a database and one of texts of the same size, reads what was
// saved, and removes it all but the database.
func (b *bench) measureSaved(res *result, database string) (err error) {
	if !slices.Contains(b.savedSizes(), res.size) {
		return nil
	}
	dir := filepath.Join(b.dir, "saved")
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	files := savedFiles{database, filepath.Join(dir, "texts.db"), filepath.Join(dir, "kept.tar"), filepath.Join(dir, "kept.tar.zst")}
	log.Printf("building a database of texts of %d MiB", res.size)
	if err := b.buildText(files.texts, res.size); err != nil {
		return err
	}
	if err := errors.Join(b.keep(files.tar, files.database), b.keep(files.zstd, files.texts)); err != nil {
		return err
	}
	res.saved = &saved{text: fileSize(files.texts)}
	for i, c := range b.contests(files) {
		p := pair{text: c.text, bytes: res.bytes}
		if c.text {
			p.bytes = res.saved.text
		}
		if p.mine, p.peer, err = b.compare(c.verb, c.mine, c.peer); err != nil {
			return err
		}
		if err := b.complete(&p.mine, c.mine); err != nil {
			return err
		}
		res.saved.pairs[i] = p
	}
	return nil
}

// keep saves a snapshot for the methods that read one.
func (b *bench) keep(path, database string) error {
	if err := b.shell(database, fmt.Sprintf("SELECT vx_snapshot_save(%s)", quote(path))); err != nil {
		return err
	}
	return warm(path)
}
