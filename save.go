//go:build cgo

package vxsnap

import (
	"context"
	"io"
	"time"

	_ "github.com/mattn/go-sqlite3" // links SQLite in

	"github.com/vxsnap/vxsnap/internal/progress"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// What a save does about the index files of vectorlite's tables.
const (
	IndexAuto = live.IndexAuto // takes them, if they cannot be older than what was committed; else it is ErrHeld
	IndexDisk = live.IndexDisk // takes them as they are
	IndexNone = live.IndexNone // leaves them out: the restored tables are empty
)

// SaveOptions are those of Save, SaveFile and SaveConn. The zero value is good for most.
type SaveOptions struct {
	IndexFiles string // IndexAuto, IndexDisk or IndexNone; "" means IndexAuto
	Compress   bool   // with zstd: a .tar.zst instead of a .tar; SaveFile goes by the name
	Schema     string // of SaveConn: the name of an attached database; "" means "main"
	ChunkSize  int64  // bytes under one digest, from 512 to 268435456; 0 means 65536

	// Wait is how long Save and SaveFile wait for a lock of the database, 5 s at least.
	// SaveConn goes by the busy timeout of the connection.
	Wait time.Duration

	// Progress is called now and then, on the goroutine of the caller, with how many of
	// the files' bytes were written, before any compression, and how many there are.
	Progress func(done, total int64)
}

// Save writes a snapshot of the database at a path to w, on a connection of its own that
// writes nothing to the database and never makes one: where there is none, the error wraps
// fs.ErrNotExist. vectorlite need not be registered. An index that a program holds in
// memory is not in its file: then the error wraps ErrHeld, and its text says who and what
// to do. After an error what was written is of no use.
//
// Two SQLites in one process drop each other's locks: a program with another one, such
// as modernc.org/sqlite, saves what that has open in another process. A database that this
// process has open is refused where another SQLite is linked in.
func Save(ctx context.Context, databasePath string, w io.Writer, opts SaveOptions) (*snapshot.Info, error) {
	info, err := saveDatabase(ctx, databasePath, w, opts)
	return info, named(ctx, "save", err)
}

func saveDatabase(ctx context.Context, databasePath string, w io.Writer, opts SaveOptions) (*snapshot.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	database, err := live.OpenDatabase(databasePath)
	if err != nil {
		return nil, err
	}
	defer database.Close()
	database.SetWait(opts.Wait)
	return save(ctx, database.Conn, w, opts)
}

// save writes a snapshot of what a connection has.
func save(ctx context.Context, from *live.Conn, w io.Writer, opts SaveOptions) (info *snapshot.Info, err error) {
	if opts.Schema == "" {
		opts.Schema = "main"
	}
	options := live.ExportOptions{ChunkSize: opts.ChunkSize, IndexFiles: opts.IndexFiles}
	if opts.Compress {
		options.Compress = snapshot.CompressBlocks
	}
	err = from.During(ctx, func() error {
		export, err := from.Export(opts.Schema, options)
		if err != nil {
			return err
		}
		defer export.Close()
		tar := export.Tar()
		p := progress.Bytes{Tell: opts.Progress, Total: export.Metadata().TotalSize}
		size, err := tar.WriteTo(&tellingWriter{ctx, w, func() { p.At(tar.Done()) }})
		if err != nil {
			return err
		}
		p.End()
		info = export.Info()
		info.SavedSize = size
		return nil
	})
	if err != nil {
		return nil, err
	}
	return info, nil
}

// A tellingWriter tells of each Write that it was done, and does none once ctx has ended:
// megabytes may have been read ahead.
type tellingWriter struct {
	ctx context.Context
	io.Writer
	tell func()
}

func (w *tellingWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.Writer.Write(p)
	if err == nil {
		w.tell()
	}
	return n, err
}
