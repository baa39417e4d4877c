// Command file is the journey of a Go programmer: it saves a live database into a file,
// verifies the file, restores it, and looks whether all is there. A file that was cut is
// told apart, and makes no directory.
//
// It runs in a new folder.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"os"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap"
)

const rows = 3000

func main() {
	log.SetFlags(0)
	if err := journey(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println("ok")
}

func journey(ctx context.Context) error {
	live, err := sql.Open("sqlite3", "app.db")
	if err != nil {
		return err
	}
	defer live.Close()
	if _, err := live.Exec(`PRAGMA journal_mode = WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB);
		INSERT INTO t(b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT randomblob(1000) FROM n`, rows); err != nil {
		return err
	}
	if err := save(ctx, "app.db", "night.tar.zst"); err != nil {
		return err
	}
	if _, err := live.Exec("DELETE FROM t"); err != nil {
		return err
	}
	if err := restore(ctx, "night.tar.zst", "restored"); err != nil {
		return err
	}
	if err := look("restored/database.db"); err != nil {
		return err
	}
	return cut(ctx)
}

// save saves a live database in a file that is not there yet. SaveFile does the same in
// one call, and lets the file appear when it is whole.
func save(ctx context.Context, database, path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := vxsnap.Save(ctx, database, file, vxsnap.SaveOptions{Compress: true})
	if err != nil {
		return err
	}
	fmt.Printf("saved %s as %s: %d bytes, %d of them saved\n", database, path, info.Size, info.SavedSize)
	return file.Sync()
}

// restore verifies a saved file, and makes a directory of it.
func restore(ctx context.Context, path, directory string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := vxsnap.Verify(ctx, file, vxsnap.VerifyOptions{})
	if err != nil {
		return err
	}
	fmt.Printf("verified %s of %s\n", info.ID, info.CreatedAt.Format("2006-01-02 15:04"))
	if _, err := file.Seek(0, 0); err != nil {
		return err
	}
	_, err = vxsnap.Restore(ctx, file, directory, vxsnap.RestoreOptions{})
	return err
}

func look(path string) error {
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=rw")
	if err != nil {
		return err
	}
	defer db.Close()
	var found int
	var checked string
	if err := db.QueryRow("SELECT count(*), (SELECT * FROM pragma_integrity_check) FROM t").Scan(&found, &checked); err != nil {
		return err
	}
	if found != rows || checked != "ok" {
		return fmt.Errorf("%s: %d rows, must be %d; integrity_check: %s", path, found, rows, checked)
	}
	fmt.Printf("restored %s: %d rows, integrity_check is %s\n", path, found, checked)
	return nil
}

// cut is a file whose end a copy has lost.
func cut(ctx context.Context) error {
	whole, err := os.ReadFile("night.tar.zst")
	if err != nil {
		return err
	}
	if err := os.WriteFile("cut.tar.zst", whole[:len(whole)/2], 0o600); err != nil {
		return err
	}
	err = restore(ctx, "cut.tar.zst", "cut")
	if !errors.Is(err, vxsnap.ErrDamaged) || !errors.Is(err, vxsnap.ErrIncomplete) {
		return fmt.Errorf("a file that was cut: %w", err)
	}
	if _, none := os.Stat("cut"); !errors.Is(none, os.ErrNotExist) {
		return fmt.Errorf("a file that was cut left a directory: %w", none)
	}
	fmt.Println("a file that was cut:", err)
	return nil
}
