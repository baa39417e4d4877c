// Command over restores a saved file over a database whose application has
// stopped. The files of before are in DB.old afterwards.
//
//	go run . BACKUP.tar.zst DB
package main

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
)

const columns = "seq, file_name, offset, data, is_last, metadata_json"

func main() {
	extension.Auto()
	backup := os.Args[1]
	db, err := filepath.Abs(os.Args[2])
	must(err)
	must(over(backup, db, db+".new", db+".old"))
	fmt.Printf("%s is restored; the files of before are in %s.old\n", db, db)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// ask gives the first column of a query.
func ask(path, mode, query string, values ...any) (texts []string, err error) {
	db, err := sql.Open("sqlite3", "file:"+url.PathEscape(path)+"?mode="+mode)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.Query(query, values...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}

func over(backup, db, from, old string) error {
	// 1. Nobody has it open. To see every process, be root or the application's user.
	if _, err := os.Stat(old); err == nil {
		return fmt.Errorf("%s has the files of before an earlier restore: bring them back, or move it away", old)
	}
	was, err := os.Stat(db)
	if err != nil {
		return err
	}
	fds, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return err
	}
	for _, fd := range fds {
		if file, err := os.Stat(fd); err == nil && os.SameFile(file, was) {
			return fmt.Errorf("%s is open (%s): stop the application first", db, fd)
		}
	}

	// 2. A new folder beside it. A restore checks every byte; SQLite then checks the rest.
	if err := os.RemoveAll(from); err != nil {
		return err
	}
	if _, err := ask(":memory:", "memory", "SELECT vx_snapshot_restore(?, "+columns+") FROM vx_snapshot_read(?)", from, backup); err != nil {
		return err
	}
	checked, err := ask(from+"/database.db", "rw", "PRAGMA integrity_check")
	if err != nil || checked[0] != "ok" {
		return errors.Join(fmt.Errorf("%s is not good: %q", backup, checked), err)
	}

	// 3. What goes: the journals first, then the index files beside it, then the database.
	goes := []string{db + "-journal", db + "-wal", db + "-shm"}
	indexes, err := ask(db, "ro", "SELECT path FROM vx_snapshot_files WHERE file_type = 'hnsw_index' AND path <> ''")
	if err != nil { // a damaged database cannot say
		log.Printf("%s: %v: its index files stay where they are", db, err)
	}
	for _, index := range indexes {
		if path, err := filepath.Abs(index); err == nil && filepath.Dir(path) == filepath.Dir(db) {
			goes = append(goes, path)
		}
	}
	goes = append(goes, db)
	come, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	to := make(map[string]string)
	for _, file := range come {
		name, path := filepath.Join(from, file.Name()), filepath.Join(filepath.Dir(db), file.Name())
		if file.Name() == "database.db" {
			path = db
		}
		if _, err := os.Stat(path); err == nil && !slices.Contains(goes, path) {
			return fmt.Errorf("%s is there, and no index file of %s: move it away", path, db)
		}
		if err := os.Chmod(name, was.Mode().Perm()); err != nil {
			return err
		}
		if owner, ok := was.Sys().(*syscall.Stat_t); ok {
			if err := os.Chown(name, int(owner.Uid), int(owner.Gid)); err != nil {
				return err
			}
		}
		to[name] = path
	}
	if err := os.Mkdir(old, 0o700); err != nil {
		return err
	}
	for _, path := range goes {
		if err := os.Rename(path, filepath.Join(old, filepath.Base(path))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}

	// 4. What comes, and 5. its tables name the index files beside it.
	for name, path := range to {
		if err := os.Rename(name, path); err != nil {
			return err
		}
	}
	if err := os.Remove(from); err != nil {
		return err
	}
	_, err = ask(db, "rw", "SELECT vx_snapshot_relocate()")
	return err
}
