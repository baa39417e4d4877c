package live

import (
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

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
	f     *steppedFile
	id    identity
}

// identity is what changes when a file is written to or replaced.
type identity struct {
	dev, ino     uint64
	size         int64
	mtime, ctime unix.Timespec
	links        uint64
}

// settled is how old a file's last change must be. The kernel stamps changes
// with a clock that may stand still for up to 10 ms, so a second change right
// after the first could leave the same times.
const settled = 20 * time.Millisecond

// openIndexFile opens the index file of a table. What is not a regular file
// wraps ErrIndexFile; nothing is opened that a first look does not call one.
// A missing file wraps fs.ErrNotExist.
func openIndexFile(table vectorlite.Table) (*indexFile, error) {
	path := table.Path
	info, err := statInfo(path)
	if err != nil {
		return nil, fmt.Errorf("index file %s of table %s: %w", fault.Quote(path), fault.Quote(table.Name), fault.Cause(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fault.New(fault.ErrIndexFile, "index file %s of table %s is not a regular file but a %s", fault.Quote(path), fault.Quote(table.Name), kindOfFile(info.Mode()))
	}
	// Should the file have become a FIFO since, opening it must not wait.
	f, err := openPath(path, os.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("index file %s of table %s: %w", fault.Quote(path), fault.Quote(table.Name), fault.Cause(err))
	}
	i := &indexFile{Table: table, f: f}
	if err := i.settle(); err != nil {
		f.Close()
		return nil, err
	}
	return i, nil
}

// settle waits until the last change of the file is so old that the next one
// shows, and remembers the file as it is then.
func (i *indexFile) settle() error {
	for range 5 {
		id, err := i.stat()
		if err != nil {
			return err
		}
		i.id = id
		age := time.Since(time.Unix(id.mtime.Unix()))
		if age < 0 || age > settled {
			return nil
		}
		time.Sleep(settled - age + time.Millisecond)
	}
	return i.changed()
}

func (i *indexFile) stat() (identity, error) {
	st, err := i.f.stat()
	if err != nil {
		return identity{}, fmt.Errorf("index file %s: %w", fault.Quote(i.Table.Path), err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return identity{}, i.changed()
	}
	return identity{uint64(st.Dev), st.Ino, st.Size, st.Mtim, st.Ctim, uint64(st.Nlink)}, nil
}

// Source is the file as a source of a snapshot.
func (i *indexFile) Source(name string) snapshot.Source {
	return snapshot.Source{
		File:      snapshot.File{Name: name, Type: snapshot.TypeIndex, Size: i.id.size, Table: i.Table.Name, Path: i.Table.Path},
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
// to read: that changes its number of links and its ctime only.
func (i *indexFile) Unchanged() error {
	now, err := i.stat()
	if err != nil {
		return err
	}
	if now.size != i.id.size || now.mtime != i.id.mtime || now.ctime != i.id.ctime && now.links == i.id.links {
		return i.changed()
	}
	return nil
}

// Current returns an error wrapping ErrChanged if the path no longer names the
// file as it was when it was opened.
func (i *indexFile) Current() error {
	st, err := statPath(i.Table.Path)
	now := identity{uint64(st.Dev), st.Ino, st.Size, st.Mtim, st.Ctim, uint64(st.Nlink)}
	if err != nil || now != i.id {
		return i.changed()
	}
	return nil
}

func (i *indexFile) changed() error {
	return fault.New(fault.ErrChanged, "index file %s of table %s changed while it was read", fault.Quote(i.Table.Path), fault.Quote(i.Table.Name))
}

// Close closes the file.
func (i *indexFile) Close() { i.f.Close() }

func kindOfFile(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "directory"
	case mode&fs.ModeNamedPipe != 0:
		return "FIFO"
	case mode&fs.ModeSocket != 0:
		return "socket"
	}
	return "device"
}
