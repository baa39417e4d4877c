package over

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// An index is where an index file is or will be.
type index struct {
	file string // absolute, without symbolic links
	user string // the restored table that has it; "": none
	name string // of the new file in the snapshot; "": there is none
	old  bool   // whether there is a file now
}

// indexes are those of the database that is replaced and of the restored one.
type indexes struct {
	names      names
	relativeTo string
	unreadable bool // the schema of the database that is replaced

	declared map[string]string // by folded name: the path as the old schema declares it
	files    []index           // those of the old schema first
}

// readOld reads the schema of the database that is replaced.
func (x *indexes) readOld(old *live.Idle) error {
	tables, err := old.Tables()
	if errors.Is(err, snapshot.ErrSchema) {
		x.unreadable = true
		return nil
	}
	if err != nil {
		return err
	}
	for _, table := range tables {
		x.declared[vectorlite.FoldName(table.Name)] = table.Path
		if _, err := x.add(table.Name, table.Path); err != nil {
			return err
		}
	}
	return nil
}

// place implements vectorlite.Place: a table that the old schema has too keeps its path,
// another one gets its file beside the database.
func (x *indexes) place(table vectorlite.Table, file string, held bool) (string, error) {
	path, ok := x.declared[vectorlite.FoldName(table.Name)]
	if !ok {
		name := filepath.Base(table.Path)
		if table.Path == "" || name == ".." || name == "/" {
			name = file
		}
		path = filepath.Join(x.names.folder(), name)
	}
	i, err := x.add(table.Name, path)
	if err != nil {
		return "", err
	}
	f := &x.files[i]
	if f.user != "" {
		return "", cannot("tables %s and %s of the snapshot would have the same index file %s; restore to a directory instead", fault.Quote(f.user), fault.Quote(table.Name), fault.Quote(f.file))
	}
	if f.user = table.Name; held {
		f.name = file
	}
	return path, nil
}

// add finds the file that a declared path leads to.
func (x *indexes) add(table, path string) (int, error) {
	where := path
	if !filepath.IsAbs(path) {
		if x.relativeTo == "" {
			return 0, cannot("table %s declares its index file as %s, from the directory in which the application runs; name that directory (--relative-to, or RelativeTo in Go)", fault.Quote(table), fault.Quote(path))
		}
		where = filepath.Join(x.relativeTo, path)
	}
	file, err := live.ResolveFile(where)
	if err != nil {
		return 0, cannot("index file %s of table %s: %w; make its directory, or mend the link", fault.Quote(path), fault.Quote(table), fault.Cause(err))
	}
	for i := range x.files {
		if x.files[i].file == file {
			return i, nil
		}
	}
	for _, taken := range []string{"", "-wal", "-shm", "-journal", ".restoring"} {
		if file == x.names.database+taken {
			return 0, cannot("table %s declares %s as its index file, which belongs to the database itself; declare another path", fault.Quote(table), fault.Quote(path))
		}
	}
	old, err := isIndex(file)
	if err != nil {
		return 0, cannot("index file %s of table %s: %w; move it away, and restore again", fault.Quote(path), fault.Quote(table), err)
	}
	x.files = append(x.files, index{file: file, old: old})
	return len(x.files) - 1, nil
}

// isIndex reports whether there is a file, which must be an index then: a schema may name
// any file. An empty one, or one that a flush left half written, is one too.
func isIndex(path string) (there bool, err error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	switch {
	case err != nil:
		return false, fault.Cause(err)
	case !info.Mode().IsRegular():
		return false, errors.New("it is not a regular file")
	case info.Size() == 0:
		return true, nil
	}
	if _, err := os.Lstat(live.FlushAside(path)); err == nil {
		path = live.FlushAside(path)
	}
	return true, live.CheckIndexFile(path)
}
