package store

import (
	"context"
	"errors"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// A Keep says which snapshots stay: the Last newest ones, and the newest of each of so many
// days, weeks and months that have one. Days are those of UTC, weeks begin on Monday. The
// newest snapshot always stays.
type Keep struct{ Last, Daily, Weekly, Monthly int }

// Prune drops all other snapshots, and every version of a chunk that none of those that
// stay has, and says how many snapshots it dropped. It is one transaction. The file does not
// become smaller: the next saves use its free pages; until then they keep the old bytes,
// or until VACUUM.
func (s *Store) Prune(ctx context.Context, keep Keep) (dropped int, err error) {
	if min(keep.Last, keep.Daily, keep.Weekly, keep.Monthly) < 0 || keep == (Keep{}) {
		return 0, fault.New(ErrKeep, "Keep is %+v: each number must be 0 or more, and one at least 1", keep)
	}
	return s.drop(ctx, "INSERT INTO prune VALUES (?1, ?2, ?3, ?4)", int64(keep.Last), int64(keep.Daily), int64(keep.Weekly), int64(keep.Monthly))
}

// Drop drops snapshot n, as Prune does. After that of the newest one the next Save
// takes all chunks, and keeps those that are new.
func (s *Store) Drop(ctx context.Context, n int64) error {
	dropped, err := s.drop(ctx, "DELETE FROM night WHERE n = ?1", n)
	if err == nil && dropped == 0 {
		err = s.failed("drop from store", noSnapshot(n))
	}
	return err
}

func (s *Store) drop(ctx context.Context, sql string, args ...int64) (dropped int, err error) {
	const count = "SELECT count(*) FROM snapshot"
	if s.closed {
		return 0, s.failed("prune store", errClosed)
	}
	// Most pages of the store change, and each that the cache has no room for waits for the disk.
	err = s.db.Exec("PRAGMA cache_size = -32000")
	if err != nil {
		return 0, s.failed("prune store", err)
	}
	defer func() { err = errors.Join(err, s.db.Exec(cacheSize)) }()
	err = s.write(ctx, func() error {
		before, err := s.db.Int64(count)
		if err != nil {
			return err
		}
		drop, err := s.db.Prepare(sql)
		if err != nil {
			return err
		}
		defer drop.Close()
		for i, v := range args {
			if err := drop.BindInt64(i+1, v); err != nil {
				return err
			}
		}
		if _, err := drop.Step(); err != nil {
			return err
		}
		after, err := s.db.Int64(count)
		dropped = int(before - after)
		return err
	})
	if err != nil {
		return 0, s.failed("prune store", err)
	}
	return dropped, nil
}
