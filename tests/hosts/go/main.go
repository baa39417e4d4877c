// Command go backs up a live database, with its index files, in three ways:
// into a file, into a table of another database, and as a stream; checks,
// restores and searches the backups, and shows what an error looks like.
// vxsnap is linked in: it is no shared library here.
//
//	go run . VECTORLITE LIVE.DB DIRECTORY
package main

import (
	"database/sql"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
)

// open opens a database that must be there: a path that is mistyped is an error
// of the first query, not a new database.
func open(driver, path string) *sql.DB {
	db, err := sql.Open(driver, "file:"+url.PathEscape(path)+"?mode=rw")
	if err != nil {
		log.Fatal(err)
	}
	return db
}

// nearest gives the rows whose vectors are nearest to one.
func nearest(db *sql.DB) (string, error) {
	return text(db, "SELECT group_concat(rowid) FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 5))")
}

func percent(done, total int64) {
	fmt.Fprintf(os.Stderr, "\r%d %%", 100*done/total)
}

func expect(right bool, what ...any) {
	if !right {
		log.Fatal(what...)
	}
}

// insert inserts a vector. It is in the memory of its connection until that flushes,
// which it refuses to do beside a statement on the table that is not closed.
func insert(live *sql.DB) {
	const flush = "SELECT vx_snapshot_flush()"
	statement, err := live.Prepare("INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))")
	expect(err == nil, err)
	_, err = statement.Exec(2001, "[1, 2, 3, 4, 5, 6, 7, 8]")
	expect(err == nil, err)
	_, err = text(live, flush)
	expect(err != nil && strings.Contains(err.Error(), "the prepared statement 'INSERT INTO docs_vec"), err)
	expect(statement.Close() == nil, "close")
	written, err := text(live, flush)
	expect(err == nil && written == "1", written, err)
}

func main() {
	log.SetFlags(0)
	vectorlite, database, directory := os.Args[1], os.Args[2], os.Args[3]
	if err := extension.Auto(); err != nil {
		log.Fatal(err)
	}
	sql.Register("sqlite3_vectorlite", &sqlite3.SQLiteDriver{Extensions: []string{vectorlite}})
	start := time.Now()
	live := open("sqlite3_vectorlite", database)
	live.SetMaxOpenConns(1) // each connection would have an index of its own

	insert(live)

	// Into a file.
	file := filepath.Join(directory, "backup.tar.zst")
	saved, err := save(live, file)
	expect(err == nil, err)
	info, err := os.Stat(file)
	expect(err == nil && info.Size() == saved.Size, saved, err)
	verdict, err := verify(live, file)
	expect(err == nil && verdict == "ok", verdict, err)
	_, err = restore(live, file, filepath.Join(directory, "from-file"))
	expect(err == nil, err)
	_, err = save(live, file)
	var failed sqlite3.Error
	expect(errors.As(err, &failed) && failed.Code == sqlite3.ErrCantOpen && failed.Error() ==
		"vx_snapshot_save: file '"+file+"' exists, and is not replaced; name another, or remove it first", err)

	// Into a table.
	size, err := storeRows(live, filepath.Join(directory, "backup.db"), percent)
	expect(err == nil && size == saved.TotalSize, size, err)
	fmt.Fprintln(os.Stderr)
	store := open("sqlite3", filepath.Join(directory, "backup.db"))
	verifyRows := "SELECT vx_snapshot_verify(" + columns + ") FROM snap"
	restoreRows := "SELECT vx_snapshot_restore(?, " + columns + ") FROM snap"
	verdict, err = text(store, verifyRows)
	expect(err == nil && verdict == "ok", verdict, err)
	_, err = text(store, restoreRows, filepath.Join(directory, "restored"))
	expect(err == nil, err)

	// The restored database finds what the live one finds.
	restored := open("sqlite3_vectorlite", filepath.Join(directory, "restored", "database.db"))
	want, err := nearest(live)
	expect(err == nil && strings.HasPrefix(want, "2001,") && strings.Count(want, ",") == 4, want, err)
	got, err := nearest(restored)
	expect(err == nil && got == want, got, err)
	expect(restored.Close() == nil, "close")

	// As a stream, here into a file.
	tar, err := os.Create(filepath.Join(directory, "stream.tar"))
	expect(err == nil, err)
	expect(stream(live, tar) == nil && tar.Close() == nil, "stream")
	verdict, err = verify(live, tar.Name())
	expect(err == nil && verdict == "ok", verdict, err)

	// Damage is text for verify, and an error for restore.
	_, err = store.Exec("UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536")
	expect(err == nil, err)
	verdict, err = text(store, verifyRows)
	expect(err == nil && strings.HasPrefix(verdict, "database.db: checksum mismatch: "), verdict, err)
	_, err = text(store, restoreRows, filepath.Join(directory, "damaged"))
	expect(err != nil && err.Error() == "vx_snapshot_restore: "+verdict, err)
	_, err = text(live, "SELECT * FROM vx_snapshot_chunks('abc')")
	expect(err != nil && err.Error() == "vx_snapshot_chunks: chunk_size must be an integer from 512 to 268435456, got 'abc'", err)

	// Four goroutines, each with a connection of its own. live has flushed, but is
	// still open, so that only 'disk' takes the files.
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			db := open("sqlite3", database)
			defer db.Close()
			verdict, err := text(db, "SELECT vx_snapshot_verify("+columns+") FROM vx_snapshot_chunks(4096, 'main', 'disk')")
			expect(err == nil && verdict == "ok", verdict, err)
		})
	}
	wait.Wait()
	fmt.Printf("done, %d bytes, %.2f s\n", size, time.Since(start).Seconds())
}
