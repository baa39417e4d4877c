package store

import (
	"context"
	"time"

	"github.com/vxsnap/vxsnap/c"
)

// A Snapshot is one that a store has.
type Snapshot struct {
	N         int64 // in the order in which they were saved, from 1; none is used twice
	ID        string
	CreatedAt time.Time // UTC
	TotalSize int64     // of its files, in bytes
}

// List lists the snapshots in the order in which they were saved.
func (s *Store) List(ctx context.Context) (all []Snapshot, err error) {
	err = s.read(ctx, func() error {
		all = nil
		return s.db.Each(listed+" ORDER BY n", func(row *c.Stmt) error {
			all = append(all, snapshotOf(row))
			return nil
		})
	})
	if err != nil {
		return nil, s.failed("list store", err)
	}
	return all, nil
}

const listed = "SELECT n, snapshot_id, created_at, json_extract(metadata_json, '$.total_size') FROM snapshot"

func snapshotOf(row *c.Stmt) Snapshot {
	return Snapshot{row.Int64(0), row.Text(1), time.UnixMilli(row.Int64(2)).UTC(), row.Int64(3)}
}

// newest is the one that was saved last.
func (s *Store) newest() (newest Snapshot, err error) {
	err = s.db.Each(listed+" ORDER BY n DESC LIMIT 1", func(row *c.Stmt) error {
		newest = snapshotOf(row)
		return nil
	})
	return newest, err
}
