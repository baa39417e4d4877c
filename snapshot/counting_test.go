package snapshot_test

import (
	"path/filepath"
	"sync/atomic"

	"github.com/vxsnap/vxsnap/snapshot"
)

// A countingFS counts what is written, and what is said to be written back.
type countingFS struct {
	snapshot.FS
	writes, bytes, backs, back atomic.Int64
	write                      func(name string) error // before each; nil does nothing
}

type countingFile struct {
	snapshot.FSFile
	fs   *countingFS
	name string
}

func (f *countingFS) Create(name string) (snapshot.FSFile, error) {
	file, err := f.FS.Create(name)
	return countingFile{file, f, filepath.Base(name)}, err
}

func (f countingFile) WriteAt(p []byte, off int64) (int, error) {
	if f.fs.write != nil {
		if err := f.fs.write(f.name); err != nil {
			return 0, err
		}
	}
	f.fs.writes.Add(1)
	f.fs.bytes.Add(int64(len(p)))
	return f.FSFile.WriteAt(p, off)
}

func (f countingFile) StartWriteback(offset, length int64) {
	f.fs.backs.Add(1)
	f.fs.back.Add(length)
	f.FSFile.StartWriteback(offset, length)
}
