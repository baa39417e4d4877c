package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
)

// onlyStore is the value of BENCH_ONLY that leaves out all but stores.
const onlyStore = "store"

// What the goals of a store speak of.
const (
	nightsSaved = 30
	nightsKept  = 10 // by the prune
	nightsAfter = 3  // of each way, after the prune
)

// A nights is everything about a store of many nights of one database.
type nights struct {
	bytes     int64 // of the database, the first night
	firstSize int64 // of the store after the first night
	size      int64 // of the store with all of them, in bytes
	grown     int64 // bytes by which it grew after the prune
	bare      usage
	first     pair            // the first night, beside .backup
	inGo      []night         // the others
	after     []night         // those after the prune, saved by Go
	shell     []night         // those after that, saved by the shell
	restores  []nightRestored // of some of them, beside a .tar of the same state
	pruned    row
}

// A night is one, beside a digest of the database.
type night struct {
	changed     int64 // bytes of the pages that changed since the one before
	mine, peer  usage
	name, other string // of the methods
}

// A nightRestored is what it takes to restore one night.
type nightRestored struct {
	n int
	pair
}

// measureNights fills a store, night by night, reads it, prunes it, and goes on.
func (b *bench) measureNights() (err error) {
	files, err := b.buildChanging(filepath.Join(b.dir, onlyStore))
	defer func() { err = errors.Join(err, os.RemoveAll(files.dir)) }()
	if err != nil {
		return err
	}
	if err := b.buildNights(); err != nil {
		return err
	}
	s := &nights{bytes: fileSize(files.database)}
	if s.bare, err = b.measureBare(files.database); err != nil {
		return err
	}
	for _, step := range []func(*nights, changing) error{b.firstNight, b.nextNights, b.restoreNights, b.pruneNights, b.nightsAfterPrune} {
		if err := step(s, files); err != nil {
			return err
		}
	}
	b.nights = s
	return nil
}

// firstNight measures one in stores that go, and leaves one in the store that stays.
func (b *bench) firstNight(s *nights, files changing) (err error) {
	m := b.first(files)
	if s.first.mine, s.first.peer, err = b.compare(verbSave, m, b.backupSynced(files)); err != nil {
		return err
	}
	s.first.bytes = s.bytes
	if err := errors.Join(b.process(m.args), copyWarm(files.older(), files.database), b.keepNight(files, 1)); err != nil {
		return err
	}
	s.firstSize = fileSize(files.store())
	return nil
}

func (b *bench) nextNights(s *nights, files changing) error {
	for n := 2; n <= nightsSaved; n++ {
		one, err := b.night(files, n, b.saveNight(files, n))
		if err != nil {
			return err
		}
		s.inGo = append(s.inGo, one)
		if slices.Contains(restored, n) {
			if err := b.keepNight(files, n); err != nil {
				return err
			}
		}
	}
	s.size = fileSize(files.store())
	return nil
}

// night changes the database and saves it with a method.
func (b *bench) night(files changing, n int, m method) (one night, err error) {
	log.Printf("night %d: %s ÷ openssl dgst -sha256", n, m.name)
	if err := b.change(files.database, uint64(n)); err != nil {
		return one, err
	}
	peer := openssl(files.database)
	one.name, one.other = m.name, peer.name
	if one.changed, err = changedBytes(files.database, files.older(), true); err != nil {
		return one, err
	}
	one.mine, one.peer, err = b.round(n, m, peer)
	return one, err
}

// restored are the nights that are restored: the first, one in the middle, the last.
var restored = []int{1, nightsSaved / 2, nightsSaved}

func (b *bench) restoreNights(s *nights, files changing) (err error) {
	if err := warm(files.store()); err != nil {
		return err
	}
	for _, n := range restored {
		if err := warm(files.tar(n)); err != nil {
			return err
		}
		for _, m := range b.restoresOf(files, n) {
			r := nightRestored{n: n}
			r.bytes = s.bytes
			if r.mine, r.peer, err = b.compare(verbRestore, m, b.restoreSaved(tarName, files.tar(n))); err != nil {
				return err
			}
			s.restores = append(s.restores, r)
		}
		if err := os.Remove(files.tar(n)); err != nil {
			return err
		}
	}
	return nil
}

// pruneNights prunes copies, and then the store.
func (b *bench) pruneNights(s *nights, files changing) error {
	m := b.prune(files)
	log.Printf("%s: %s", verbs[verbPrune], m.name)
	var runs []usage
	for range b.runs {
		used, err := b.execute(m)
		if err != nil {
			return err
		}
		runs = append(runs, used)
	}
	s.pruned = newRow(verbPrune, m, runs)
	return b.process([]string{b.nightsProgram, "prune", files.store(), fmt.Sprint(nightsKept)})
}

func (b *bench) nightsAfterPrune(s *nights, files changing) error {
	before := fileSize(files.store())
	for i := range 2 * nightsAfter {
		n := nightsSaved + 1 + i
		m, list := b.saveNight(files, n), &s.after
		if i >= nightsAfter {
			m, list = b.saveShell(files), &s.shell
		}
		one, err := b.night(files, n, m)
		if err != nil {
			return err
		}
		*list = append(*list, one)
	}
	s.grown = fileSize(files.store()) - before
	return nil
}
