//go:build cgo

package vxsnap

import (
	"context"
	"fmt"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// SaveFile is Save into a new file, NAME.tar, or compressed as NAME.tar.zst. It is there
// whole and synced, or not at all: it is written beside its name, as a hidden file that
// only its owner can use, and then renamed. It replaces no other: where the name is taken,
// the error wraps fs.ErrExist and ErrTarget.
//
// For what a connection has, give SaveConn a file of snapshot.Create, and commit that.
func SaveFile(ctx context.Context, databasePath, path string, opts SaveOptions) (*snapshot.Info, error) {
	info, err := saveFile(ctx, databasePath, path, opts)
	if err != nil {
		return nil, named(ctx, "save", err)
	}
	return info, nil
}

func saveFile(ctx context.Context, databasePath, path string, opts SaveOptions) (_ *snapshot.Info, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	compression, err := snapshot.CompressionOf(path)
	if err != nil {
		return nil, err
	}
	if opts.Compress && compression == snapshot.CompressNothing {
		return nil, fault.New(ErrTarget, "path %s must end with .tar.zst where Compress is set", fault.Quote(path))
	}
	opts.Compress = compression != snapshot.CompressNothing
	file, err := snapshot.Create(path, nil, ctx.Err)
	if err != nil {
		return nil, err
	}
	defer func() {
		if left := file.Close(); left != nil && err != nil {
			err = fmt.Errorf("%w; and what was written could not be removed: %w", err, left)
		}
	}()
	info, err := saveDatabase(ctx, databasePath, file, opts)
	if err != nil {
		return nil, err
	}
	return info, file.Commit()
}
