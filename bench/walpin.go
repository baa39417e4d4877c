package main

import (
	"database/sql"
	"errors"
	"fmt"
	"log"
)

// goalWAL is the size that the goal speaks of, in bytes.
const goalWAL = 1 << 30

// A walPin is what a WAL that nobody has checkpointed costs.
type walPin struct {
	bytes  int64   // of the WAL
	pin    float64 // seconds of a pin and its end, median
	export usage   // of one export through that WAL
}

// measureWALPin writes a WAL into a database, and pins it while the writer's
// connection is open, so that nobody checkpoints it or has to recover its index.
func (b *bench) measureWALPin(database string) (err error) {
	log.Print("pin of a WAL")
	db, err := sql.Open("sqlite3", "file:"+database+"?_journal_mode=WAL&_synchronous=OFF")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if err := fillWAL(db, database, min(goalWAL, fileSize(database)/2)); err != nil {
		return fmt.Errorf("filling a WAL: %w", err)
	}
	w := &walPin{bytes: fileSize(database + "-wal")}
	if w.pin, err = b.askOften(database, "SELECT way FROM vx_snapshot_pin;", "pin"); err != nil {
		return err
	}
	export := b.export(database, defaultChunkSize)
	export.want = "" // the WAL may make it larger than the file
	if w.export, err = b.execute(export); err != nil {
		return err
	}
	b.walPin = w
	return nil
}

// fillWAL commits changes of 1,000 rows, four to a page, until the WAL has a size.
func fillWAL(db *sql.DB, database string, size int64) error {
	const step = 1000
	if _, err := db.Exec("PRAGMA wal_autocheckpoint = 0; PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return err
	}
	for id := 1; fileSize(database+"-wal") < size; id += step {
		result, err := db.Exec("UPDATE documents SET body = randomblob(900) WHERE id BETWEEN ? AND ?", id, id+step-1)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return fmt.Errorf("the rows are not enough for %d bytes", size)
		}
	}
	return nil
}
