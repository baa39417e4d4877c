package live

import (
	"errors"
	"fmt"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// An indexFile is an index file on disk, held open from the start of an export
// so that both reads see the same file. vectorlite rewrites index files in
// place; the file's size and times, which the kernel changes before the
// bytes, tell whether that happened.
type indexFile struct {
	Table vectorlite.Table
	f     readFile
	id    identity
}

// openIndexFile opens the index file of a table. What is not a regular file
// wraps ErrIndexFile; a missing one wraps fs.ErrNotExist.
func openIndexFile(table vectorlite.Table) (*indexFile, error) {
	f, err := openDeclared(table.Path)
	if err != nil {
		return nil, cannotOpen(table, err)
	}
	i := &indexFile{Table: table, f: f}
	if err := i.settle(); err != nil {
		f.Close()
		return nil, err
	}
	return i, nil
}

// nothingWritten says that a flush did nothing.
func nothingWritten(err error) error {
	if e := new(Misuse); errors.As(err, &e) {
		return misuse("nothing was written, because %s", e.text)
	}
	return fmt.Errorf("nothing was written, because %w", err)
}

// cannotOpen says why the file of a table cannot be opened.
func cannotOpen(table vectorlite.Table, err error) error {
	path, name := fault.Quote(table.Path), fault.Quote(table.Name)
	switch {
	case errors.Is(err, errOpenHere):
		return misuse("table %s declares %s as its index file, which is open in this process already, as a database perhaps; declare another path", name, path)
	case errors.As(err, new(notRegular)):
		return fault.New(fault.ErrIndexFile, "index file %s of table %s is %w", path, name, err)
	}
	return fmt.Errorf("index file %s of table %s: %w", path, name, fault.Cause(err))
}

// settle remembers the file as it is when its next change will show.
func (i *indexFile) settle() error {
	id, ok, err := settle(i.f)
	if err != nil {
		return fmt.Errorf("index file %s: %w", fault.Quote(i.Table.Path), err)
	}
	if i.id = id; !ok {
		return i.changed()
	}
	return nil
}

func (i *indexFile) stat() (identity, error) {
	st, err := i.f.stat()
	if err != nil {
		return identity{}, fmt.Errorf("index file %s: %w", fault.Quote(i.Table.Path), err)
	}
	return identityOf(&st), nil
}

// Source is the file as a source of a snapshot.
func (i *indexFile) Source(name string) snapshot.Source {
	return snapshot.Source{
		File:      snapshot.File{Name: name, Type: snapshot.TypeIndex, Path: i.Table.Path, Size: i.id.size, ModifiedAt: i.id.modifiedAt(), Table: i.Table.Name},
		Reader:    i.f,
		Unchanged: i.Unchanged,
	}
}

// Size is the file's size in bytes.
func (i *indexFile) Size() int64 { return i.id.size }

// Check checks the structure of the file, and that its vectors are those of the
// table. interrupted is asked as in Options.
func (i *indexFile) Check(interrupted func() error) (hnsw.Info, error) {
	info, err := hnsw.Check(fault.Interruptible(i.f, interrupted), i.id.size)
	if changed := i.Unchanged(); changed != nil {
		return info, changed
	}
	if err == nil {
		err = i.Table.CheckVectors(info)
	}
	if err != nil {
		return info, fmt.Errorf("index file %s of table %s: %w", fault.Quote(i.Table.Path), fault.Quote(i.Table.Name), err)
	}
	return info, nil
}

// Unchanged returns an error wrapping ErrChanged if the bytes may have changed
// since the file was opened. A file that was replaced or removed is still ours
// to read: that changes its ctime, which so counts only while the path still
// names the file.
func (i *indexFile) Unchanged() error {
	now, err := i.stat()
	if err != nil {
		return err
	}
	if now.size != i.id.size || now.mtime != i.id.mtime {
		return i.changed()
	}
	if now.ctime != i.id.ctime {
		if named, err := statPath(i.Table.Path); err == nil && identityOf(&named).file == now.file {
			return i.changed()
		}
	}
	return nil
}

// Current returns an error wrapping ErrChanged if the path no longer names the
// file as it was when it was opened.
func (i *indexFile) Current() error {
	st, err := statPath(i.Table.Path)
	if err != nil || identityOf(&st) != i.id {
		return i.changed()
	}
	return nil
}

func (i *indexFile) changed() error {
	return fault.New(fault.ErrChanged, "index file %s of table %s changed while it was read", fault.Quote(i.Table.Path), fault.Quote(i.Table.Name))
}

// Close closes the file.
func (i *indexFile) Close() { i.f.Close() }
