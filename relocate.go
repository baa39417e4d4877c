//go:build cgo

package vxsnap

import (
	"context"
	"path/filepath"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Relocate is for a directory that Restore made and that was moved or copied since. It
// lets the schema of its database name the index files where they are now, and says how
// many tables named others before. Without it vectorlite finds no file, and takes that for
// an empty index; or it finds, and overwrites, that of the directory's original. It is all
// or nothing. A file that is missing or no index is an error, and so is a database that
// somebody has open.
func Relocate(ctx context.Context, directory string) (tables int, err error) {
	tables, err = relocate(ctx, directory)
	return tables, named(ctx, "relocate", err)
}

func relocate(ctx context.Context, directory string) (tables int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	database, err := live.OpenDatabase(filepath.Join(directory, snapshot.DatabaseName))
	if err != nil {
		return 0, err
	}
	defer database.Close()
	err = database.During(ctx, func() error {
		tables, err = database.Relocate()
		return err
	})
	return tables, err
}

// relocator lets restored schemas name index files.
func relocator(driver string) (snapshot.Relocator, error) {
	if driver == "" {
		return live.Relocate, nil
	}
	return vectorlite.RelocateSQL(driver), nil
}
