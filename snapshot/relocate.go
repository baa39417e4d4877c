package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// relocate lets the restored schemas name files in the target: the paths that they
// hold may be those of a live database, also where the snapshot has no index
// file.
func (r *Restorer) relocate() error {
	var parts []Part
	for i := range r.meta.Files {
		if f := &r.meta.Files[i]; f.Type == TypeIndex {
			parts = append(parts, Part{f, r.stored(i)})
		}
	}
	for i := range r.meta.Files {
		if r.meta.Files[i].Type == TypeDatabase {
			if err := r.relocateOne(i, parts); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Restorer) relocateOne(i int, parts []Part) error {
	name := r.meta.Files[i].Name
	database := r.staged(name)
	err := r.relocator.Relocate(database, r.target, parts)
	if errors.Is(err, ErrSchema) && len(parts) == 0 {
		err = r.leave(i, err)
	}
	if err != nil {
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

// oneDatabase refuses a snapshot whose schemas could name one index file twice, or a
// database as one: a table without a file gets a name like those of index files.
func oneDatabase(m *Metadata) error {
	databases := 0
	for i := range m.Files {
		if f := &m.Files[i]; f.Type == TypeDatabase {
			databases++
			if name := foldName(f.Name); strings.HasSuffix(name, foldName(".idx")) {
				return fault.Damaged("metadata files[%d]: file_name of a database is %s, which is like that of an index file; it cannot be restored", i, fault.Quote(f.Name))
			}
		}
	}
	if databases > 1 {
		return fault.Damaged("the snapshot has %d databases, this build restores those with one; use a newer vxsnap", databases)
	}
	return nil
}

// leave lets a database as it is whose schema SQLite cannot read, which a snapshot
// without index files may hold, unless it can name an index.
func (r *Restorer) leave(i int, cause error) error {
	database := Part{&r.meta.Files[i], fault.Interruptible(r.stored(i), r.opt.Interrupted)}
	names, err := r.relocator.Mentions(database)
	if err == nil && names {
		err = fmt.Errorf("%w; it may name index files of the live database, which would be overwritten: to have it as it is, write the data of its rows into a file of your own, in the order of seq", cause)
	}
	return err
}
