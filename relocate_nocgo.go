//go:build !cgo

package vxsnap

import (
	"errors"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

func relocator(driver string) (snapshot.Relocator, error) {
	if driver == "" {
		return nil, errors.New("no Driver in RestoreOptions, and no SQLite is linked in without cgo; name a database/sql driver such as 'sqlite' of modernc.org/sqlite")
	}
	return vectorlite.RelocateSQL(driver), nil
}
