package main

import (
	"database/sql"
	"errors"
)

// buildText makes a database of about size MiB of texts: documents with a title and a
// body of 50 to 1,500 words each (words.go), in WAL mode and checkpointed.
func (b *bench) buildText(path string, size int) (err error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=OFF&_synchronous=OFF")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE documents(id INTEGER PRIMARY KEY, title TEXT, body TEXT)"); err != nil {
		return err
	}
	if err := fillTexts(db, int64(size)<<20); err != nil {
		return err
	}
	if _, err := db.Exec("PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	return warm(path)
}

// fillTexts inserts documents until the database has a size in bytes.
func fillTexts(db *sql.DB, size int64) (err error) {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after a commit
	insert, err := tx.Prepare("INSERT INTO documents(title, body) VALUES (?, ?)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	texts := newTextWriter()
	var title, body []byte
	for now := int64(0); now < size; {
		for range 100 {
			title = texts.append(title[:0], texts.between(2, 8))
			body = texts.append(body[:0], texts.between(50, 1500))
			if _, err := insert.Exec(string(title), string(body)); err != nil {
				return err
			}
		}
		err := tx.QueryRow("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Scan(&now)
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}
