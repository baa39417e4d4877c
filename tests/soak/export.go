package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
)

const rowColumns = "seq, file_name, offset, data, is_last, metadata_json"

// exporter takes snapshots of a database until ctx ends, and checks each.
func exporter(ctx context.Context, database, dir string) counts {
	done := counts{}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		log.Fatal(err)
	}
	db := open(database)
	defer db.Close()
	for ctx.Err() == nil {
		done.add(exportOnce(db, dir, "auto"))
	}
	return done
}

// exportOnce stores a snapshot in a second database, verifies it, restores it
// and checks what was restored.
func exportOnce(db *sql.DB, dir, indexFiles string) counts {
	store := filepath.Join(dir, "store.db")
	restored := filepath.Join(dir, "restored")
	defer os.RemoveAll(restored)
	defer os.Remove(store)
	done := counts{}
	bad := func(what string, err error) counts {
		if busy(err) || strings.Contains(err.Error(), "changed while it was read") {
			done["busy: "+what]++
		} else {
			log.Printf("%s: %v", what, err)
			done["BAD: "+what]++
		}
		return done
	}
	if _, err := db.Exec("ATTACH ? AS store", store); err != nil {
		return bad("attach", err)
	}
	defer db.Exec("DETACH store")
	_, err := db.Exec("CREATE TABLE store.snap AS SELECT * FROM vx_snapshot_chunks(?, 'main', ?)", chunkSize(), indexFiles)
	if err != nil {
		return bad("snapshots", err)
	}
	done["snapshots"]++
	var debug, verdict, report string
	if err := db.QueryRow("SELECT vx_snapshot_debug()").Scan(&debug); err != nil {
		return bad("debug", err)
	}
	for _, line := range strings.Split(debug, "\n") {
		if strings.HasPrefix(line, "last snapshot: pin, WAL") && strings.Contains(line, "pages from") {
			done["snapshots with live WAL frames"]++
		}
	}
	if err := db.QueryRow("SELECT vx_snapshot_verify(" + rowColumns + ") FROM store.snap").Scan(&verdict); err != nil {
		return bad("verify", err)
	}
	if verdict != "ok" {
		return bad("verify", fmt.Errorf("%s", verdict))
	}
	query := "SELECT vx_snapshot_restore(?, " + rowColumns + ") FROM (SELECT * FROM store.snap ORDER BY random())"
	if err := db.QueryRow(query, restored).Scan(&report); err != nil {
		return bad("restores", err)
	}
	if !json.Valid([]byte(report)) {
		return bad("restores", fmt.Errorf("not JSON: %s", report))
	}
	done["restores"]++
	done.add(checkDatabase(filepath.Join(restored, "database.db"), "restored"))
	return done
}

// chunkSize is a random one, small and odd ones included.
func chunkSize() int { return 512<<rand.IntN(12) + rand.IntN(100) }

// checkDatabase checks the integrity of a database and the sum that every
// transaction keeps.
func checkDatabase(database, what string) counts {
	db := open(database)
	defer db.Close()
	var integrity string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&integrity); err != nil || integrity != "ok" {
		log.Printf("%s: integrity_check: %q, %v", what, integrity, err)
		return counts{"BAD: integrity of " + what: 1}
	}
	var sum, rows sql.NullInt64
	err := db.QueryRow("SELECT sum(balance), count(*) FROM account").Scan(&sum, &rows)
	if err != nil || sum.Int64 != 0 || rows.Int64 != accounts {
		log.Printf("%s: sum %v of %v accounts, %v", what, sum, rows, err)
		return counts{"BAD: sum of " + what: 1}
	}
	return counts{"integrity and sum checked, " + what: 1}
}

// vectors keeps a database with a vectorlite index: it opens, inserts, flushes,
// exports and closes, while another connection exports what is on disk.
func vectors(ctx context.Context, dir string) counts {
	library := os.Getenv("VECTORLITE")
	if library == "" {
		return counts{"rounds without vectorlite": 1}
	}
	dir = filepath.Join(dir, "vectors")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		log.Fatal(err)
	}
	sql.Register("vectorlite", &sqlite3.SQLiteDriver{Extensions: []string{library}})
	database, index := filepath.Join(dir, "v.db"), filepath.Join(dir, "v.idx")
	setUp(database, "wal")
	done := counts{}
	for n := 0; ctx.Err() == nil; n++ {
		db, err := sql.Open("vectorlite", database)
		if err != nil {
			log.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		if n == 0 {
			_, err = db.Exec(fmt.Sprintf("CREATE VIRTUAL TABLE v USING vectorlite(e float32[4], hnsw(max_elements=100000), '%s')", index))
		}
		for i := 0; err == nil && i < 20; i++ {
			_, err = db.Exec("INSERT INTO v(rowid, e) VALUES (?, vector_from_json(?))", 20*n+i+1,
				fmt.Sprintf("[%f, %f, %f, 1]", rand.Float64(), rand.Float64(), rand.Float64()))
		}
		if err != nil {
			log.Printf("vectorlite: %v", err)
			done["BAD: vectorlite"]++
			return done
		}
		done["vectors inserted"] += 20
		if _, err := db.Exec("SELECT vx_snapshot_flush()"); err != nil {
			log.Printf("flush: %v", err)
			done["BAD: flush"]++
		}
		done["flushes"]++
		other := make(chan counts)
		go func() {
			plain := open(database)
			defer plain.Close()
			other <- exportOnce(plain, filepath.Dir(dir), "disk")
		}()
		done.add(exportOnce(db, dir, "auto"))
		done.add(<-other)
		db.Close()
		done["vectorlite connections"]++
	}
	return done
}
