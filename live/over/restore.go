package over

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/internal/progress"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Options of a restore over a database.
type Options struct {
	// Stopped says that everything that uses the database was stopped. It is needed where
	// that cannot be seen; see live.NewIdle.
	Stopped bool

	// RelativeTo is the directory in which the application runs, from which it takes the
	// relative paths of index files. "" refuses them.
	RelativeTo string

	// Progress is called now and then, on the goroutine of the caller, with how many of the
	// files' bytes came and how many there are. The last checks, the syncs and the renames
	// follow the call with all of them.
	Progress func(done, total int64)

	Base snapshot.Base // what an increment is restored on; nil: none can be
	FS   FS            // nil means OS
}

func (o Options) orDefault() Options {
	if o.FS == nil {
		o.FS = OS
	}
	return o
}

// A Result says what was restored, and where the old files are.
type Result struct {
	Metadata *snapshot.Metadata
	Database string // the file that was replaced: absolute, without symbolic links
	Before   string // the directory with the old database

	// Files are all that have another content now, or none. Where Path was not there
	// before, Before is "", and where it is not there now, New is false.
	Files []File

	// Found is what Recover has found first.
	Found string

	// Unreadable says that the schema of the old database could not be read: its index
	// files, if it had any, stay where they are, and the new ones are beside the database.
	Unreadable bool
}

// A File is one that was replaced, removed or made.
type File struct {
	Path, Before string
	New          bool
}

// Rows give the rows of a snapshot, in any order, to add, until that returns an error. Where
// s is a store.Store, func(add) { return s.Rows(ctx, n, add) } is one.
type Rows func(add func(*snapshot.Row) error) error

// Saved are the rows of a saved file.
func Saved(r *snapshot.SavedReader) Rows {
	return func(add func(*snapshot.Row) error) error {
		for {
			more, err := r.Next()
			if err != nil || !more {
				return err
			}
			if err := add(r.Row()); err != nil {
				return err
			}
		}
	}
}

// Restore lets the files of a snapshot take the place of a database and its index files. The
// new database gets the old one's name. A vectorlite table that the old schema has too keeps
// the path that it declares there; the index of another one goes beside the database, under
// the last part of the path that it declares. New files have the mode and the owner of those
// that they replace. The old ones are kept.
//
// It is all or nothing: after an error everything is as it was, unless the error wraps
// ErrHalfDone or ErrNotDurable. ctx can end it until files are replaced, which takes a moment.
func Restore(ctx context.Context, database string, rows Rows, opt Options) (*Result, error) {
	opt = opt.orDefault()
	path, err := resolve(database)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := &swap{names: namesOf(path), fs: opt.FS, stopped: opt.Stopped, interrupted: ctx.Err}
	found, err := recoverAt(s.names, opt)
	if err != nil {
		return nil, err
	}
	if err := oneName(path); err != nil {
		return nil, err
	}
	idle, err := live.NewIdle(path, opt.Stopped)
	if err != nil {
		return nil, err
	}
	defer idle.Close()
	x := &indexes{names: s.names, relativeTo: opt.RelativeTo, declared: make(map[string]string)}
	if err := x.readOld(idle); err != nil {
		return nil, err
	}
	metadata, err := s.restore(telling(rows, opt.Progress), x, idle, opt)
	if err != nil {
		return nil, err
	}
	return &Result{Metadata: metadata, Database: path, Before: s.before(), Files: s.files, Found: found, Unreadable: x.unreadable}, nil
}

// restore makes the new files, and lets them take their places.
func (s *swap) restore(rows Rows, x *indexes, idle *live.Idle, opt Options) (_ *snapshot.Metadata, err error) {
	if err := s.fs.Mkdir(s.preparing); err != nil {
		switch {
		case errors.Is(err, syscall.EEXIST) && isDirectory(s.preparing):
			return nil, running(s.preparing)
		case errors.Is(err, syscall.EEXIST):
			return nil, cannot("%s is in the way of the new files; remove it", fault.QuoteWhole(s.preparing))
		}
		return nil, failed("make", s.preparing, err)
	}
	lock, err := lockDirectory(s.preparing)
	if err != nil {
		if !errors.Is(err, ErrRunning) {
			err = both(err, s.fs.Remove(s.preparing))
		}
		return nil, err
	}
	defer lock.Close()
	metadata, err := s.receive(rows, x, opt)
	if err == nil {
		err = idle.Check() // receiving may have taken long
	}
	if err == nil {
		err = s.prepare(metadata, x)
	}
	if err != nil {
		return nil, both(err, s.discard())
	}
	if err := s.run(idle); err != nil {
		return nil, err
	}
	return metadata, s.finish()
}

// receive restores the snapshot beside the database.
func (s *swap) receive(rows Rows, x *indexes, opt Options) (m *snapshot.Metadata, err error) {
	r, err := snapshot.NewRestorer(filepath.Join(s.preparing, newFolder), vectorlite.Check, live.RelocateTo(x.place),
		snapshot.RestoreOptions{FS: s.fs, Base: opt.Base, Interrupted: s.interrupted})
	if err != nil {
		return nil, err
	}
	if err = rows(r.Add); err == nil {
		m, err = r.Finish()
	}
	closed := r.Close()
	if err == nil {
		err = closed // what it could not remove is removed with the directory
	}
	if err != nil {
		return nil, fmt.Errorf("restore over %s: %w", fault.Quote(s.database), err)
	}
	return m, nil
}

// telling tells of the rows that were added.
func telling(rows Rows, tell func(done, total int64)) Rows {
	return func(add func(*snapshot.Row) error) error {
		p := progress.OfRows(tell)
		return rows(func(row *snapshot.Row) error {
			if err := add(row); err != nil {
				return err
			}
			p.Row(row)
			return nil
		})
	}
}
