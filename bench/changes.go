package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
)

// pageSize is that of the databases, in bytes, and of the chunks of increments and stores.
const pageSize = 4096

// changedShare is the part of the rows that one change changes: 1 of so many.
const changedShare = 100

// change gives new bytes to 1 % of the rows of a database, picked at random, and
// leaves all of it in the file. Every run picks the same rows.
func (b *bench) change(database string, seed uint64) (err error) {
	db, err := sql.Open("sqlite3", "file:"+database+"?_synchronous=OFF")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after a commit
	var rows int
	if err := tx.QueryRow("SELECT max(id) FROM documents").Scan(&rows); err != nil {
		return err
	}
	for _, id := range pick(rows, rows/changedShare, seed) {
		if _, err := tx.Exec("UPDATE documents SET body = randomblob(900) WHERE id = ?", id); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	var busy, frames, done int
	if err := db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &done); err != nil || busy != 0 {
		return errors.Join(err, fmt.Errorf("checkpoint of %s: busy is %d, want 0", database, busy))
	}
	return nil
}

// pick gives k different numbers from 1 to n.
func pick(n, k int, seed uint64) []int {
	random := rand.New(rand.NewPCG(seed, 5))
	picked := make([]int, 0, k)
	known := make(map[int]bool, k)
	for len(picked) < k {
		if id := 1 + random.IntN(n); !known[id] {
			known[id] = true
			picked = append(picked, id)
		}
	}
	return picked
}

// changedBytes are those of the pages in which a database differs from an older copy
// of it: the files are compared, page by page. A page beyond the end of the copy counts.
// follow makes the copy the same as the database.
func changedBytes(database, older string, follow bool) (changed int64, err error) {
	now, err := os.Open(database)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, now.Close()) }()
	then, err := os.OpenFile(older, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, then.Close()) }()
	const block = 256 * pageSize
	a, z := make([]byte, block), make([]byte, block)
	for at := int64(0); ; at += block {
		n, err := io.ReadFull(now, a)
		if n == 0 {
			break
		}
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, err
		}
		m, err := then.ReadAt(z[:n], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		for from := 0; from < n; from += pageSize {
			page := a[from:min(from+pageSize, n)]
			if old := z[min(from, m):min(from+pageSize, m)]; bytes.Equal(page, old) {
				continue
			}
			changed += int64(len(page))
			if follow {
				if _, err := then.WriteAt(page, at+int64(from)); err != nil {
					return 0, err
				}
			}
		}
	}
	if !follow {
		return changed, nil
	}
	return changed, then.Truncate(fileSize(database))
}
