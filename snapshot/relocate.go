package snapshot

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// relocate lets the restored schemas name files in the target: the paths that they
// hold may be those of a live database, also where the snapshot has no index
// file.
func (r *Restorer) relocate() error {
	var parts []Part
	for i := range r.meta.Files {
		if f := &r.meta.Files[i]; f.Type == TypeIndex {
			parts = append(parts, Part{f, r.files[i]})
		}
	}
	for i := range r.meta.Files {
		if f := &r.meta.Files[i]; f.Type == TypeDatabase {
			if err := r.relocateOne(f.Name, parts); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Restorer) relocateOne(name string, parts []Part) error {
	database := r.staged(name)
	if err := r.relocator.Relocate(database, r.target, parts); err != nil {
		return fmt.Errorf("let the restored schema name the restored index files: %w", fault.Cause(err))
	}
	// SQLite closes without a word when it could not move the WAL into the file.
	switch _, err := r.opt.FS.Lstat(database + "-wal"); {
	case err == nil:
		return fmt.Errorf("let the restored schema name the restored index files: the new names are still in %s-wal", name)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("look for %s-wal: %w", name, fault.Cause(err))
	}
	return nil
}
