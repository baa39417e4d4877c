package vxsnap

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/internal/progress"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// RestoreOptions are those of Restore.
type RestoreOptions struct {
	// Progress is called now and then, on the goroutine of the caller, with how many of
	// the files' bytes came and how many there are. All waits for it. The last checks and the
	// sync follow the call with all bytes.
	Progress func(done, total int64)

	// Driver is the name of a database/sql driver for SQLite that takes a path as its data
	// source, such as "sqlite" of modernc.org/sqlite: it lets the restored schema name the
	// restored index files. If it is empty, the SQLite that cgo links in does; without cgo it
	// is required.
	Driver string
}

// Restore writes what Save wrote into a directory that does not exist yet or is empty. It
// checks all that Verify checks, and the directory appears complete and synced, or not at
// all. The database is database.db there, with its index files beside it, under the
// absolute names that its schema has then: never those of the live ones. After the
// directory was moved, call Relocate. r is read to its end.
func Restore(ctx context.Context, r io.Reader, directory string, opts RestoreOptions) (*snapshot.Info, error) {
	info, err := restore(ctx, r, directory, opts)
	if err != nil {
		return nil, named(ctx, "restore", damage(err))
	}
	return info, nil
}

func restore(ctx context.Context, r io.Reader, directory string, opts RestoreOptions) (_ *snapshot.Info, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	relocate, err := relocator(opts.Driver)
	if err != nil {
		return nil, err
	}
	restorer, err := snapshot.NewRestorer(directory, vectorlite.Check, relocate, snapshot.RestoreOptions{Interrupted: ctx.Err})
	if err != nil {
		return nil, err
	}
	defer func() {
		if left := restorer.Close(); left != nil && err != nil {
			err = fmt.Errorf("%w; and the staging directory could not be removed: %w", err, left)
		}
	}()
	size, err := rows(ctx, r, opts.Progress, restorer.Add)
	if err != nil {
		return nil, err
	}
	if _, err := restorer.Finish(); err != nil {
		return nil, err
	}
	info := restorer.Info()
	info.SavedSize = size
	return info, nil
}

// rows gives the rows of a saved snapshot to add, and says how many bytes it read.
func rows(ctx context.Context, r io.Reader, tell func(done, total int64), add func(*snapshot.Row) error) (size int64, err error) {
	counting := &countingReader{Reader: r}
	name := ""
	if file, ok := r.(interface{ Name() string }); ok {
		name = file.Name()
	}
	saved := snapshot.NewSavedReader(counting, name, ctx.Err, nil)
	defer func() {
		saved.Close() // ends who reads
		size = counting.n
	}()
	p, done := progress.Bytes{Tell: tell}, int64(0)
	for {
		more, err := saved.Next()
		if err != nil {
			return 0, err
		}
		if !more {
			p.End()
			return 0, nil
		}
		if err := add(saved.Row()); err != nil {
			return 0, err
		}
		p.Total = saved.Metadata().TotalSize
		done += int64(len(saved.Row().Data))
		p.At(done)
	}
}

// damage makes every kind of damage one of ErrDamaged.
func damage(err error) error {
	if errors.Is(err, ErrIncomplete) || errors.Is(err, ErrIndexFile) {
		return fault.New(ErrDamaged, "%w", err)
	}
	return err
}

// A countingReader counts what it read.
type countingReader struct {
	io.Reader
	n int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += int64(n)
	return n, err
}
