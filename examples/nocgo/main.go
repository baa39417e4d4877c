// Command nocgo checks a snapshot, restores it and looks into what it restored, with
// modernc.org/sqlite and without cgo:
//
//	CGO_ENABLED=0 go run . FILE.tar.zst DIRECTORY
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/vxsnap/vxsnap"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: nocgo FILE.tar.zst DIRECTORY")
	}
	if err := restore(context.Background(), os.Args[1], os.Args[2], "sqlite"); err != nil {
		log.Fatal(err)
	}
	if err := look(filepath.Join(os.Args[2], "database.db"), "sqlite"); err != nil {
		log.Fatal(err)
	}
}

// restore checks a saved file, and restores it with the help of a database/sql driver.
func restore(ctx context.Context, path, directory, driver string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	verified, err := vxsnap.Verify(ctx, file, vxsnap.VerifyOptions{})
	if err != nil {
		return err
	}
	fmt.Printf("%s is whole: %d bytes in %d files\n", verified.ID, verified.Size, len(verified.Files))
	if _, err := file.Seek(0, 0); err != nil {
		return err
	}
	_, err = vxsnap.Restore(ctx, file, directory, vxsnap.RestoreOptions{Driver: driver})
	return err
}

// look prints what SQLite says of a database, and what its schema names.
func look(path, driver string) error {
	db, err := sql.Open(driver, path)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it was only read
	var check, tables string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&check); err != nil {
		return err
	}
	if err := db.QueryRow("SELECT group_concat(sql, '; ') FROM sqlite_schema WHERE sql LIKE '%vectorlite%'").Scan(&tables); err != nil {
		return err
	}
	_, err = fmt.Printf("integrity_check: %s\n%s\n", check, tables)
	return err
}
