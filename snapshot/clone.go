package snapshot

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// clone fills the staged files with what a base has under their names, which rows then
// overwrite. What no row overwrites is read again from there, and checked as it will
// stay.
func (r *Restorer) clone() error {
	r.with = &baseReader{of: stagedBase{r}, a: &r.assembler}
	for i := range r.meta.Files {
		if err := r.cloneOne(i); err != nil {
			return fmt.Errorf("copy %s of the base: %w", r.meta.Files[i].Name, fault.Cause(err))
		}
	}
	return nil
}

func (r *Restorer) cloneOne(i int) error {
	r.cloned = append(r.cloned, -1)
	from, err := r.opt.Base.OpenBase(r.meta.Files[i].Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // its rows are all there, or missing
	}
	if err != nil {
		return err
	}
	defer from.Close()
	n := min(from.Size(), r.meta.Files[i].Size)
	r.cloned[i] = n
	return r.files.use(i, func(to FSFile) error { return to.CopyFrom(from, n, r.opt.Interrupted) })
}

// A stagedBase is what was cloned.
type stagedBase struct{ r *Restorer }

func (b stagedBase) OpenBase(name string) (BaseFile, error) {
	for i := range b.r.meta.Files {
		if b.r.meta.Files[i].Name == name && b.r.cloned[i] >= 0 {
			return stagedFile{storedFile{&b.r.files, i}, b.r.cloned[i]}, nil
		}
	}
	return nil, fs.ErrNotExist
}

type stagedFile struct {
	storedFile
	size int64
}

func (f stagedFile) Size() int64 { return f.size }
func (f stagedFile) Close()      {}

// copyStep is how much is copied between two questions whether to go on, in bytes: some
// tens of milliseconds on a slow disk, and while others wait for who copies.
const copyStep = 8 << 20
