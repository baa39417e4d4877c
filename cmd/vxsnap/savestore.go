package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/store"
)

func (a *app) saveIntoStore(ctx context.Context, given *saveArgs) error {
	bar, start := a.bar("save"), time.Now()
	defer bar.end()
	database, err := live.OpenDatabase(given.database)
	if err != nil {
		return err
	}
	defer database.Close()
	database.SetWait(given.timeout)
	into, err := given.openStore(ctx)
	if err != nil {
		return err
	}
	defer into.Close()
	into.Progress = bar.at
	night, err := into.Save(ctx, database.Conn, "main", given.indexFiles)
	bar.end()
	if err != nil {
		return err
	}
	path, err := filepath.Abs(given.store)
	if err != nil {
		return err
	}
	result := saved{
		SnapshotID: night.ID, Created: utc(night.CreatedAt), Store: path, N: night.N, TotalSize: night.TotalSize,
		Duration: time.Since(start).Seconds(),
	}
	if err := given.writeMetrics(&result); err != nil {
		return err
	}
	return a.print(&result, fmt.Sprintf("%s@%d: %s\n", given.store, night.N, bytesText(night.TotalSize)))
}

// openStore opens the store, or makes it.
func (s *saveArgs) openStore(ctx context.Context) (*store.Store, error) {
	switch _, err := os.Stat(s.store); {
	case errors.Is(err, fs.ErrNotExist) && s.create:
		opt := store.Options{ChunkSize: s.chunkSize}
		if s.compress {
			opt.Compression = snapshot.CompressChunks
		}
		into, err := store.Create(s.store, opt)
		if !errors.Is(err, store.ErrExists) { // somebody was faster
			return into, err
		}
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("store %s does not exist; --create makes it", fault.Quote(s.store))
	case err != nil:
		return nil, err
	}
	return openStore(ctx, s.store)
}
