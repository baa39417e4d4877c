package vxsnap_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/vxsnap/vxsnap"
)

// backup saves a live database in a new file, which it checks.
func backup(ctx context.Context, database, path string) error {
	if _, err := vxsnap.SaveFile(ctx, database, path, vxsnap.SaveOptions{}); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = vxsnap.Verify(ctx, file, vxsnap.VerifyOptions{})
	return err
}

// restore makes a directory of such a file, with database.db in it.
func restore(ctx context.Context, path, directory string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = vxsnap.Restore(ctx, file, directory, vxsnap.RestoreOptions{})
	return err
}

// A database is saved, restored, moved, and damaged.
func Example() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "vxsnap")
	check(err)
	defer os.RemoveAll(folder)
	app, file, out := filepath.Join(folder, "app.db"), filepath.Join(folder, "app.tar.zst"), filepath.Join(folder, "out")
	db, err := sql.Open("sqlite3", app)
	check(err)
	defer db.Close()
	_, err = db.Exec("CREATE TABLE t(a)")
	check(err)

	check(backup(ctx, app, file))
	check(restore(ctx, file, out))
	moved := filepath.Join(folder, "moved")
	check(os.Rename(out, moved))
	tables, err := vxsnap.Relocate(ctx, moved)
	fmt.Println("relocated:", tables, "tables,", err)

	check(os.Truncate(file, 200))
	err = restore(ctx, file, out)
	fmt.Println("cut:", errors.Is(err, vxsnap.ErrDamaged), errors.Is(err, vxsnap.ErrIncomplete))
	_, err = vxsnap.SaveFile(ctx, app, file, vxsnap.SaveOptions{})
	fmt.Println("taken:", errors.Is(err, os.ErrExist))
	_, err = vxsnap.SaveFile(ctx, filepath.Join(folder, "ap.db"), filepath.Join(folder, "b.tar"), vxsnap.SaveOptions{})
	fmt.Println("mistyped:", errors.Is(err, os.ErrNotExist))
	// Output:
	// relocated: 0 tables, <nil>
	// cut: true true
	// taken: true
	// mistyped: true
}
