package snapshot

import (
	"io"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A Part is one index file of a snapshot as it was received.
type Part struct {
	File        *File // what the metadata says of it
	io.ReaderAt       // its bytes, from 0 to File.Size
}

// A Checker checks the structure of one index, given all the files of it
// together, and that the metadata says the same of them. This package knows no
// kind of index: vectorlite.Check is one. What is wrong wraps ErrIndexFile or
// ErrDamaged, and names the file; an error of a Part is returned as it is.
type Checker func(files []Part) error

// A Relocator lets the schema of a restored database name index files in a
// directory in which they will lie under their names. live.Relocate and
// vectorlite.RelocateSQL are two.
type Relocator interface {
	// CheckDirectory says whether a schema can name files in a directory, which
	// is an absolute path. It is asked before the first row; what is wrong wraps
	// ErrTarget.
	CheckDirectory(directory string) error

	// Relocate changes the database, a file at that path. It is called once for each,
	// after every check, also if there are no index files: what the schema names
	// may then be the files of the live database. It must leave no file beside the
	// database, and the database as it is where there is nothing to change. The
	// parts are valid during the call.
	//
	// Where SQLite cannot read the schema, the error wraps ErrSchema, and nothing was
	// changed.
	Relocate(database, directory string, files []Part) error

	// Mentions is asked of a database whose schema SQLite cannot read, if there are
	// no index files: whether it can name one all the same, for a SQLite that reads
	// more of it. If not, it is restored as it is.
	Mentions(database Part) (bool, error)
}

// checkIndexes gives the files of each index to check: those that name the same
// table.
func checkIndexes(m *Metadata, stored func(file int) io.ReaderAt, check Checker, interrupted func() error) error {
	var tables []string
	indexes := make(map[string][]Part)
	for i := range m.Files {
		f := &m.Files[i]
		if f.Type != TypeIndex {
			continue
		}
		if indexes[f.Table] == nil {
			tables = append(tables, f.Table)
		}
		indexes[f.Table] = append(indexes[f.Table], Part{f, fault.Interruptible(stored(i), interrupted)})
	}
	for _, table := range tables {
		if err := check(indexes[table]); err != nil {
			return err
		}
	}
	return nil
}
