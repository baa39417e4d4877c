package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/internal/progress"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// Save takes a snapshot of a schema of a connection, such as "main", and saves it: of the
// chunks those that differ from the newest snapshot's at the same place. An empty indexFiles
// means live.IndexAuto. The connection is used as by live's Export, whose errors come from
// here too; it must be in no transaction that changed something, and is free again when
// Save returns.
//
// Save is one transaction of the store, which has the write lock from its start: it and
// a kill at any moment leave the store as it was or with the new snapshot.
func (s *Store) Save(ctx context.Context, from *live.Conn, schema, indexFiles string) (Snapshot, error) {
	return s.save(ctx, func(add func(row *snapshot.Row, manifest []byte) error) error {
		return from.During(ctx, func() error { return s.export(from, schema, indexFiles, add) })
	})
}

// export gives the rows of the chunks that differ from the newest snapshot's to add.
func (s *Store) export(from *live.Conn, schema, indexFiles string, add func(row *snapshot.Row, manifest []byte) error) error {
	base, release, err := s.base()
	if err != nil {
		return err
	}
	defer release()
	export, err := from.Export(schema, live.ExportOptions{
		ChunkSize: s.chunkSize, IndexFiles: indexFiles, Digests: true, Compress: s.compression, Base: base,
	})
	if err != nil {
		return ofExport(schema, err)
	}
	defer export.Close()
	for {
		more, err := export.Next()
		if err != nil {
			return ofExport(schema, err)
		}
		if !more {
			return nil
		}
		var manifest []byte
		if export.Row().Kind == snapshot.KindEnd {
			if manifest, err = export.Manifest(); err != nil {
				return err
			}
		}
		if err := add(export.Row(), manifest); err != nil {
			return err
		}
	}
}

// ofExport tells what is wrong with the database from what is wrong with the store.
func ofExport(schema string, err error) error {
	return &databaseError{fmt.Errorf("the snapshot of schema %s: %w", fault.Quote(schema), err)}
}

// A databaseError is one of the database that is saved.
type databaseError struct{ error }

func (e *databaseError) Unwrap() error { return e.error }

// Import saves the rows of a snapshot that was taken elsewhere, which must have the
// store's chunk size: from gives them to add, in order of seq. An increment must be on the
// newest snapshot of the store. Of a full one each chunk is compared with the newest
// snapshot's. What the bytes should be is for Verify to say. There is no manifest then, so
// that the next Save takes all chunks, and keeps those that are new.
func (s *Store) Import(ctx context.Context, from func(add func(*snapshot.Row) error) error) (Snapshot, error) {
	return s.save(ctx, func(add func(row *snapshot.Row, manifest []byte) error) error {
		return from(func(row *snapshot.Row) error { return add(row, nil) })
	})
}

func (s *Store) save(ctx context.Context, from func(add func(row *snapshot.Row, manifest []byte) error) error) (saved Snapshot, err error) {
	err = s.write(ctx, func() error {
		before, err := s.db.Int64("SELECT saved FROM setting")
		if err != nil {
			return err
		}
		w, err := s.newWriter()
		if err != nil {
			return err
		}
		defer w.close()
		p := progress.OfRows(s.Progress)
		err = from(func(row *snapshot.Row, manifest []byte) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := w.add(row, manifest); err != nil {
				return err
			}
			p.Row(row)
			return nil
		})
		if err == nil {
			err = w.err // that from went on after
		}
		if err != nil {
			return err
		}
		if saved, err = s.newest(); err == nil && saved.N <= before {
			err = errors.New("the rows ended before the end row")
		}
		return err
	})
	if err != nil {
		return Snapshot{}, s.failed("save into store", err)
	}
	return saved, nil
}

// base is the manifest of the newest snapshot, nil if there is none. It is not Go's memory, of
// which the collector would keep twice as much.
func (s *Store) base() (base *snapshot.Manifest, release func(), err error) {
	release = func() {}
	err = s.db.Each("SELECT manifest FROM newest WHERE manifest IS NOT NULL", func(row *c.Stmt) error {
		blob := row.Blob(0)
		block := c.NewBlock(len(blob))
		if block == nil {
			return snapshot.ErrNoMemory
		}
		release = block.Release
		copy(block.Bytes(), blob)
		if base, err = snapshot.ParseManifest(block.Bytes()); err != nil {
			err = fmt.Errorf("the manifest of the newest snapshot: %w; DELETE FROM manifest, and the next save takes all chunks", err)
		}
		return err
	})
	if err != nil {
		release()
	}
	return base, release, err
}
