package live

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// Renew replaces every index file by a copy of itself. Whoever has one open
// keeps its bytes when a flush writes the next, because vectorlite rewrites the
// file that the path names, in place. Nobody else may write the files meanwhile.
// After an error every path still names a whole file.
func (cn *Conn) Renew() error {
	tables, err := cn.indexTimes()
	if err != nil {
		return err
	}
	live, err := cn.databaseFiles()
	if err != nil {
		return err
	}
	for _, table := range tables {
		if table.info == nil || !table.info.Mode().IsRegular() {
			continue // for the flush to report
		}
		if err := live.refuse(table.Table); err != nil {
			return err
		}
		if err := renew(table.Path, table.info.Mode().Perm()); err != nil {
			return fmt.Errorf("nothing was written, because index file %s of table %s is held by another snapshot and cannot be copied: %w; release that snapshot, or make room, and try again",
				fault.Quote(table.Path), fault.Quote(table.Name), fault.Cause(err))
		}
	}
	return nil
}

// renew copies a file and lets its path name the copy.
func renew(path string, mode os.FileMode) error {
	path, err := filepath.EvalSymlinks(path) // a link stays one
	if err != nil {
		return err
	}
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	if _, err = io.Copy(to, from); err == nil { // a file system that can shares the blocks
		err = to.Chmod(mode)
	}
	if err = errors.Join(err, to.Close()); err == nil {
		err = os.Rename(to.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(to.Name()))
	}
	return nil
}
