package main

import (
	"database/sql"
	"encoding/json"
	"io"
)

const columns = "seq, file_name, offset, data, is_last, metadata_json"

// A report is what the JSON of a save says, among others; sizes are in bytes.
type report struct {
	Size      int64 // of the file
	TotalSize int64 `json:"total_size"` // of the snapshot
}

// save saves a snapshot of live in a new file: NAME.tar, or compressed as
// NAME.tar.zst.
func save(live *sql.DB, path string) (saved report, err error) {
	s, err := text(live, "SELECT vx_snapshot_save(?)", path)
	if err == nil {
		err = json.Unmarshal([]byte(s), &saved)
	}
	return saved, err
}

// verify says "ok", or the first thing that is wrong with a saved file.
func verify(db *sql.DB, path string) (string, error) {
	return text(db, "SELECT vx_snapshot_verify("+columns+") FROM vx_snapshot_read(?)", path)
}

// restore restores a saved file into a new directory, and returns JSON.
func restore(db *sql.DB, path, directory string) (string, error) {
	return text(db, "SELECT vx_snapshot_restore(?, "+columns+") FROM vx_snapshot_read(?)", directory, path)
}

// storeRows stores the rows of a snapshot of live in a new database at path, and
// returns the snapshot's size in bytes. progress is called at each tenth of them.
func storeRows(live *sql.DB, path string, progress func(done, total int64)) (total int64, err error) {
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
		if row[0] == int64(0) { // the metadata row, the first
			total = size.Int64
		}
		if data, _ := row[3].([]byte); len(data) > 0 {
			tenths := 10 * done / total
			if done += int64(len(data)); 10*done/total > tenths {
				progress(done, total)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	return total, tx.Commit()
}

// stream writes a snapshot of live as the bytes of a tar file, 64 KiB at a time.
func stream(live *sql.DB, w io.Writer) error {
	rows, err := live.Query("SELECT data FROM vx_snapshot_tar(65536)")
	if err != nil {
		return err
	}
	defer rows.Close()
	var data sql.RawBytes // valid until the next row: nothing is copied
	for rows.Next() {
		if err := rows.Scan(&data); err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
	return rows.Err()
}

// text gives the first value of a query.
func text(db *sql.DB, query string, args ...any) (value string, err error) {
	err = db.QueryRow(query, args...).Scan(&value)
	return value, err
}
