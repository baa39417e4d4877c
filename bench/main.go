// Command bench compares vxsnap with the tools that one would use instead.
//
//	databases --> methods --> rounds (A B B A …) --> medians, ratios --> goals
//	                                                                 --> RESULTS.md, results.svg
//
// Everything is a whole process: the sqlite3 shell that loads vxsnap, a Go program that
// keeps a store (nights), openssl, cp, cat, zstd, Litestream, sqlite3_rsync. The databases
// are in the page cache, what was written is on the disk before the next process starts,
// and a method always takes turns with its peer, so that the ratios hold on a machine that
// is busy with something else. What is measured otherwise has a file: one statement in a
// shell that waits (session.go, for firstrow.go and walpin.go), a database that is not in
// memory (cold.go, forget.go), the commits of a writer (latency.go), saved files
// (saved.go), a database that changes (changes.go, for increment.go and nights.go).
//
// Read methods.go first, which lists what is run, then turns.go, which says in
// which order, and goals.go, which says what must come out.
//
// The environment sets the rest:
//
//	BENCH_LARGE=1       measures 8 GB too (at 64 KiB only; needs 40 GB of disk)
//	BENCH_SIZES=16,256  sizes of the databases, in MiB (16,256,2048)
//	BENCH_RUNS=5        rounds for each comparison that a goal speaks of
//	BENCH_ONLY=saved    measures saved files alone, prints the report, and writes nothing; so
//	                    do increment and store, at 1 GB or else the largest size
//	BENCH_DIR=…         where the databases go; on a disk (the directory for temporary files)
//	BENCH_OUT=…         where RESULTS.md and results.svg go (this directory)
//	VXSNAP=…            the extension (../vxsnap.so)
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	log.SetFlags(log.Ltime)
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(cfg.dir)) }()
	// An interrupt ends the processes, and so the run: it leaves no gigabytes behind.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	b := &bench{config: cfg, ctx: ctx, load: loadAverage()}
	if b.only == "" {
		b.litestream, b.litestreamErr = b.installLitestream(filepath.Join(cfg.dir, "bin"))
	}
	if b.litestreamErr != nil {
		log.Printf("skipping Litestream: %v", b.litestreamErr)
	}
	if b.rsyncProgram, b.rsyncErr = findRsync(); b.rsyncErr != nil {
		log.Printf("skipping %s: %v", rsyncName, b.rsyncErr)
	}
	if err := b.measureAll(); err != nil {
		return err
	}

	report := b.report()
	fmt.Print(report)
	if b.only != "" {
		return nil
	}
	if err := os.WriteFile(filepath.Join(cfg.out, "RESULTS.md"), []byte(report), 0o644); err != nil {
		return err
	}
	return b.draw(filepath.Join(cfg.out, "results.svg"))
}

// measureAll measures what was asked for.
func (b *bench) measureAll() error {
	if b.wants(onlySaved) {
		// The smallest database stays until the end: growth is measured against it.
		for _, size := range b.sizes {
			if err := b.measure(size); err != nil {
				return fmt.Errorf("%d MiB: %w", size, err)
			}
		}
	}
	if b.only == "" {
		if err := b.measureGrowth(); err != nil {
			return fmt.Errorf("growth: %w", err)
		}
	}
	if b.wants(onlyIncrement) {
		if err := b.measureIncrement(); err != nil {
			return fmt.Errorf("increment: %w", err)
		}
	}
	if b.wants(onlyStore) {
		if err := b.measureNights(); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	return nil
}
