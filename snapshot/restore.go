package snapshot

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// RestoreOptions are the surroundings of a restore.
type RestoreOptions struct {
	FS          FS           // nil means OS
	Base        Base         // what an increment is restored on; nil: none can be
	Interrupted func() error // see Options
}

// A Restorer writes the rows of one snapshot, given in any order, into a
// staging directory beside the target, checks them, and renames it onto the
// target. A Restorer is for one goroutine. Unless Finish returned nil, Close
// removes all that was written; it may be called twice.
type Restorer struct {
	assembler
	opt     RestoreOptions
	target  string // that resolve gives
	staging string // "" while there is none
	files   fileSet
	folders []string // below staging, parents first
	gather  *gatherer

	replaced  fs.FileInfo // the empty directory that is the target, nil if there is none
	checker   Checker
	relocator Relocator

	with   *baseReader // reads what was cloned of a base; nil: there is none
	cloned []int64     // bytes of each file that were cloned, -1: the base has no such file
}

// NewRestorer checks the target directory, which must not exist or be empty.
// check checks the index files, and relocate lets the restored schema name them:
// neither can be left out, and nil for one is an error. Its other errors wrap
// ErrTarget or come from the file system. An empty directory that is there keeps
// its mode, owner and group, and must not be a mount point or the current
// directory of the process. No file is written before NewRestorer returns.
func NewRestorer(directory string, check Checker, relocate Relocator, opt RestoreOptions) (*Restorer, error) {
	switch {
	case check == nil:
		return nil, errNoChecker
	case relocate == nil:
		return nil, errNoRelocator
	}
	if opt.FS == nil {
		opt.FS = OS
	}
	opt.Interrupted = orNever(opt.Interrupted)
	target, replaced, err := checkTarget(opt.FS, directory)
	if err != nil {
		return nil, err
	}
	if err := relocate.CheckDirectory(target); err != nil {
		return nil, err
	}
	r := &Restorer{opt: opt, target: target, replaced: replaced, checker: check, relocator: relocate}
	r.files.fs = opt.FS
	r.sink, r.interrupted = r, opt.Interrupted
	if err := r.tryTakeAfter(); err != nil {
		return nil, err
	}
	return r, nil
}

// Add takes one row. The first error is final.
func (r *Restorer) Add(row *Row) error { return r.add(row) }

// Finish checks that everything came and makes the target appear. It returns
// the metadata; the files are in directory Target under their names.
func (r *Restorer) Finish() (*Metadata, error) {
	err := r.finish()
	if err == nil && r.gaps() && r.with == nil {
		err = fault.Damaged("the rows are an increment on %s; pass the directory that has it as the last argument, base_directory", r.end.Base)
	}
	if err == nil {
		err = r.compare(r.gather, r.with)
	}
	if err == nil {
		err = checkIndexes(r.meta, r.stored, r.checker, r.opt.Interrupted)
	}
	if err == nil {
		err = r.commit()
	}
	if err != nil {
		r.err = err
		return nil, err
	}
	r.staging = ""
	r.err = errFinished // a second commit would find no staging directory
	return r.meta, nil
}

var errFinished = errors.New("the restore is finished already")

// Target is the path of the directory, absolute and without symbolic links.
func (r *Restorer) Target() string { return r.target }

// Close ends the goroutines and removes what is not finished. The error is that
// of the removal.
func (r *Restorer) Close() error {
	r.close()
	if r.gather != nil {
		r.gather.close()
		r.gather = nil
	}
	err := r.files.close()
	if r.staging != "" {
		err = errors.Join(err, r.unstage())
		r.staging = ""
	}
	return err
}

func (r *Restorer) begin(m *Metadata) error {
	if err := oneDatabase(m); err != nil {
		return err
	}
	if err := r.stage(); err != nil {
		return err
	}
	made := make(map[string]bool)
	for i := range m.Files {
		if err := r.makeFolders(m.Files[i].Name, made); err != nil {
			return err
		}
		if err := r.files.create(r.staged(m.Files[i].Name)); err != nil {
			return err
		}
	}
	if r.opt.Base != nil {
		if err := r.clone(); err != nil {
			return err
		}
	}
	r.gather = newGatherer(r.layout, r.keep)
	return nil
}

func (r *Restorer) write(seq int64, p *place, data []byte) error { return r.gather.add(seq, p, data) }

func (r *Restorer) keep(file int, offset int64, data []byte) error {
	if r.gather.base {
		return nil // it is there
	}
	return r.files.use(file, func(f FSFile) error {
		if _, err := f.WriteAt(data, offset); err != nil {
			return fmt.Errorf("write %s at offset %d: %w", r.meta.Files[file].Name, offset, fault.Cause(err))
		}
		end := offset + int64(len(data))
		if from := offset / writebackStep * writebackStep; from+writebackStep <= end {
			f.StartWriteback(from, end-from)
		}
		return nil
	})
}

// tempFile keeps early rows on the file system that will hold them later.
func (r *Restorer) tempFile() (*TempFile, error) {
	if err := r.stage(); err != nil {
		return nil, err
	}
	f, err := newTempFile(r.opt.FS, r.staging)
	if err != nil {
		return nil, fmt.Errorf("make a temporary file for rows that are not in order: %w", fault.Cause(err))
	}
	return f, nil
}

func (r *Restorer) stored(file int) io.ReaderAt { return storedFile{&r.files, file} }
