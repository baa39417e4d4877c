package main

import (
	"database/sql"
	"errors"
	"fmt"
	"log"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

const (
	latencyWindow = 1500 * time.Millisecond // how long commits are measured at a time
	commitPause   = 2 * time.Millisecond    // between commits, so that the writer does not fill a core
)

// A latency compares the commits of one WAL writer during an export with its
// commits without one, and with those while openssl reads the same file: what the
// machine alone costs, without a lock.
type latency struct {
	synchronous    string
	without, while float64 // milliseconds, median of the rounds' medians
	control        float64 // the same, while openssl runs
	ratio          float64 // median of the rounds' while ÷ without
}

func (b *bench) measureLatency(database string) error {
	// FULL is SQLite's default; NORMAL is what WAL mode is often run with, and
	// shows the cost without the disk's.
	for _, synchronous := range []string{"FULL", "NORMAL"} {
		log.Printf("commit latency, synchronous = %s", synchronous)
		l, err := b.commitLatency(database, synchronous)
		if err != nil {
			return fmt.Errorf("commit latency: %w", err)
		}
		b.latency = append(b.latency, l)
	}
	return nil
}

func (b *bench) commitLatency(database, synchronous string) (l latency, err error) {
	l.synchronous = synchronous
	db, err := sql.Open("sqlite3", "file:"+database+"?_journal_mode=WAL&_busy_timeout=5000&_synchronous="+synchronous)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	var without, while, control, ratios []float64
	for range b.runs {
		if err := b.settle(); err != nil {
			return l, err
		}
		alone, err := commits(db, nil)
		if err != nil {
			return l, err
		}
		exporting := b.export(database, defaultChunkSize)
		exporting.want = "" // the writer makes the database grow
		during, err := commits(db, func() error {
			_, err := b.run(exporting)
			return err
		})
		if err != nil {
			return l, err
		}
		hashing, err := commits(db, func() error {
			_, err := b.run(openssl(database))
			return err
		})
		if err != nil {
			return l, err
		}
		without, while, control = append(without, alone), append(while, during), append(control, hashing)
		ratios = append(ratios, during/alone)
	}
	l.without, l.while, l.control, l.ratio = median(without), median(while), median(control), median(ratios)
	return l, nil
}

// commits writes for at least latencyWindow and gives the median latency of a
// commit, in milliseconds. The load, if there is one, runs again and again
// meanwhile, and no commit is counted after it.
func commits(db *sql.DB, load func() error) (float64, error) {
	// Each window starts with an empty WAL.
	if _, err := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return 0, err
	}
	deadline := time.Now().Add(latencyWindow)
	done := make(chan error, 1)
	go func() {
		for time.Now().Before(deadline) {
			if load == nil {
				time.Sleep(time.Until(deadline))
			} else if err := load(); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	var sample []float64
	for {
		select {
		case err := <-done:
			if err == nil && len(sample) == 0 {
				err = fmt.Errorf("no commit in %v", latencyWindow)
			}
			if err != nil {
				return 0, err
			}
			return median(sample), nil
		default:
		}
		start := time.Now()
		if _, err := db.Exec("INSERT INTO documents(title, body) VALUES ('written meanwhile', zeroblob(900))"); err != nil {
			return 0, err
		}
		sample = append(sample, time.Since(start).Seconds()*1000)
		time.Sleep(commitPause)
	}
}
