// Command go backs up a live database, with its index files, into a file;
// checks the backup, restores it, and shows what an error looks like. vxsnap is
// linked in: there is no shared library.
//
//	go run . LIVE.DB DIRECTORY
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
)

const columns = "seq, file_name, offset, data, is_last, metadata_json"

// backup stores a snapshot of live in a new database at path and returns its
// size in bytes.
func backup(live *sql.DB, path string, progress func(done, total int64)) (total int64, err error) {
	store, err := sql.Open("sqlite3", path)
	if err != nil {
		return 0, err
	}
	defer store.Close()
	if _, err := store.Exec("CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT)"); err != nil {
		return 0, err
	}
	tx, err := store.Begin()
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	rows, err := live.Query("SELECT " + columns + ", json_extract(metadata_json, '$.total_size') FROM vx_snapshot_chunks(65536)")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var done int64
	for rows.Next() {
		var row [6]any
		var size sql.NullInt64
		if err := rows.Scan(&row[0], &row[1], &row[2], &row[3], &row[4], &row[5], &size); err != nil {
			return 0, err
		}
		if _, err := tx.Exec("INSERT INTO snap VALUES (?, ?, ?, ?, ?, ?)", row[:]...); err != nil {
			return 0, err
		}
		data, _ := row[3].([]byte)
		total, done = max(total, size.Int64), done+int64(len(data))
		progress(done, total)
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	return total, tx.Commit()
}

func open(path string) *sql.DB {
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		log.Fatal(err)
	}
	return db
}

func text(db *sql.DB, query string, args ...any) (value string, err error) {
	err = db.QueryRow(query, args...).Scan(&value)
	return value, err
}

func expect(right bool, what ...any) {
	if !right {
		log.Fatal(what...)
	}
}

func main() {
	log.SetFlags(0)
	database, directory := os.Args[1], os.Args[2]
	if err := extension.Auto(); err != nil {
		log.Fatal(err)
	}
	start := time.Now()
	live := open(database)
	size, err := backup(live, filepath.Join(directory, "backup.db"), func(done, total int64) {
		fmt.Fprintf(os.Stderr, "\r%d of %d bytes", done, total)
	})
	expect(err == nil, err)
	fmt.Fprintln(os.Stderr)

	store := open(filepath.Join(directory, "backup.db"))
	verify := "SELECT vx_snapshot_verify(" + columns + ") FROM snap"
	restore := "SELECT vx_snapshot_restore(?, " + columns + ") FROM snap"
	verdict, err := text(store, verify)
	expect(err == nil && verdict == "ok", verdict, err)
	_, err = text(store, restore, filepath.Join(directory, "restored"))
	expect(err == nil, err)

	// Damage is text for verify, and an error for restore.
	_, err = store.Exec("UPDATE snap SET data = zeroblob(length(data)) WHERE seq = 2")
	expect(err == nil, err)
	verdict, err = text(store, verify)
	expect(err == nil && strings.HasPrefix(verdict, "database.db: checksum mismatch: "), verdict, err)
	_, err = text(store, restore, filepath.Join(directory, "damaged"))
	expect(err != nil && err.Error() == "vx_snapshot_restore: "+verdict, err)
	_, err = text(live, "SELECT * FROM vx_snapshot_chunks('abc')")
	expect(err != nil && err.Error() == "vx_snapshot_chunks: chunk_size must be an integer from 1 to 268435456, got 'abc'", err)

	// Four goroutines, each with a connection of its own.
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			db := open(database)
			defer db.Close()
			verdict, err := text(db, "SELECT vx_snapshot_verify("+columns+") FROM vx_snapshot_chunks(4096)")
			expect(err == nil && verdict == "ok", verdict, err)
		})
	}
	wait.Wait()
	fmt.Printf("done, %d bytes, %.2f s\n", size, time.Since(start).Seconds())
}
