package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"math/rand/v2"
	"strings"

	_ "github.com/mattn/go-sqlite3"
)

// accounts is how many rows the table of accounts has; whatever a transaction
// moves between them, their sum stays 0.
const accounts = 200

func open(database string) *sql.DB {
	db, err := sql.Open("sqlite3", "file:"+database+"?_busy_timeout=2000")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

func setUp(database, mode string) {
	db := open(database)
	defer db.Close()
	for _, query := range []string{
		"PRAGMA page_size = " + fmt.Sprint(512<<rand.IntN(8)),
		"PRAGMA auto_vacuum = " + fmt.Sprint(rand.IntN(3)),
		"PRAGMA journal_mode = " + mode,
		"CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER)",
		"CREATE TABLE log(id INTEGER PRIMARY KEY, data BLOB)",
		fmt.Sprintf("INSERT INTO account SELECT value, 0 FROM (WITH RECURSIVE n(value) AS "+
			"(SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < %d) SELECT value FROM n)", accounts),
	} {
		if _, err := db.Exec(query); err != nil {
			log.Fatalf("%s: %v", query, err)
		}
	}
}

// busy tells what two connections may say to each other from what is wrong.
func busy(err error) bool {
	return strings.Contains(err.Error(), "locked") || strings.Contains(err.Error(), "busy")
}

// writer commits, checkpoints, vacuums and changes the schema until ctx ends.
func writer(ctx context.Context, database, mode string) counts {
	done := counts{}
	db := open(database)
	defer db.Close()
	if _, err := db.Exec("PRAGMA synchronous = OFF"); err != nil {
		log.Fatal(err)
	}
	must := func(what string, err error) {
		switch {
		case err == nil:
			done[what]++
		case busy(err):
			done["busy: "+what]++
		default:
			log.Printf("%s: %v", what, err)
			done["BAD: "+what]++
		}
	}
	checkpoints := []string{"PASSIVE", "FULL", "RESTART", "TRUNCATE"}
	for ctx.Err() == nil {
		switch n := rand.IntN(100); {
		case n < 80:
			must("commits", transfer(db))
		case n < 88 && mode == "wal":
			kind := checkpoints[rand.IntN(4)]
			_, err := db.Exec("PRAGMA wal_checkpoint(" + kind + ")")
			must("checkpoints, "+kind, err)
		case n < 92:
			_, err := db.Exec("DELETE FROM log WHERE id % 3 = 0")
			must("large deletes", err)
		case n < 94:
			_, err := db.Exec("VACUUM")
			must("VACUUM", err)
		case n < 96:
			name := fmt.Sprintf("extra%d", rand.IntN(20))
			_, err := db.Exec("CREATE TABLE IF NOT EXISTS " + name + "(a, b, c)")
			must("schema changes", err)
			_, err = db.Exec("DROP TABLE IF EXISTS " + name)
			must("schema changes", err)
		default:
			_, err := db.Exec("ATTACH ':memory:' AS side")
			must("attach", err)
			if err == nil {
				_, err = db.Exec("DETACH side")
				must("detach", err)
			}
		}
	}
	return done
}

// transfer moves an amount between two accounts in one transaction. It takes
// the write lock first and then insists on the commit: with journal_mode=OFF
// there is no way back.
func transfer(db *sql.DB) error {
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	amount, from, to := rand.IntN(1000), 1+rand.IntN(accounts), 1+rand.IntN(accounts)
	for _, step := range []struct {
		query string
		args  []any
	}{
		{"UPDATE account SET balance = balance - ? WHERE id = ?", []any{amount, from}},
		{"INSERT INTO log(data) VALUES (randomblob(?))", []any{rand.IntN(20000)}},
		{"UPDATE account SET balance = balance + ? WHERE id = ?", []any{amount, to}},
	} {
		if _, err := db.Exec(step.query, step.args...); err != nil {
			return fmt.Errorf("inside a transaction: %w", err)
		}
	}
	for {
		_, err := db.Exec("COMMIT")
		if err == nil || !busy(err) {
			return err
		}
	}
}
