package store

import (
	"context"
	"errors"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/progress"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Rows gives the rows of snapshot n to add, in order of seq, as those of a full snapshot.
// The row and its data belong to Rows, and are valid until add returns; an error of add
// ends it. It may be given the Add of a snapshot.Verifier or of a snapshot.Restorer.
func (s *Store) Rows(ctx context.Context, n int64, add func(*snapshot.Row) error) error {
	if err := s.rows(ctx, n, add); err != nil {
		return s.failed("read store", err)
	}
	return nil
}

func (s *Store) rows(ctx context.Context, n int64, add func(*snapshot.Row) error) error {
	return s.read(ctx, func() error {
		rows, err := s.db.Prepare("SELECT seq, file_name, offset, data, is_last, metadata_json FROM rows WHERE n = ?1")
		if err != nil {
			return err
		}
		defer rows.Close()
		if err := rows.BindInt64(1, n); err != nil {
			return err
		}
		row := new(snapshot.Row)
		p := progress.OfRows(s.Progress)
		for count := 0; ; count++ {
			more, err := rows.Step()
			if err == nil && !more && count == 0 {
				err = noSnapshot(n)
			}
			if err != nil || !more {
				return err
			}
			if err := read(row, rows); err != nil {
				return err
			}
			if err := add(row); err != nil {
				return err
			}
			p.Row(row)
		}
	})
}

// read reads a row of the view. A file's name is one string in all its rows.
func read(row *snapshot.Row, from *c.Stmt) (err error) {
	name := row.FileName
	*row = snapshot.Row{Seq: from.Int64(0), Last: from.Int64(4) == 1}
	metadata := !from.IsNull(5)
	if row.Kind, err = snapshot.KindOf(row.Seq, !metadata, !metadata, !metadata, metadata); err != nil {
		return err
	}
	if metadata {
		row.Metadata, row.FileName = from.Text(5), name
		return nil
	}
	if given := from.Blob(1); string(given) != name {
		name = string(given)
	}
	row.FileName, row.Offset, row.Data = name, from.Int64(2), from.Blob(3)
	return nil
}

// Verify says "ok" of snapshot n, or the first thing that is wrong with it. Every byte
// is held against the checksums of its end record. Its error is of what kept it from
// finding out.
func (s *Store) Verify(ctx context.Context, n int64) (string, error) {
	v := snapshot.NewVerifier(vectorlite.Check, nil, ctx.Err)
	defer v.Close()
	err := s.rows(ctx, n, v.Add)
	var result string
	if err == nil {
		result, err = v.Result()
	}
	if err != nil {
		return "", s.failed("verify store", err)
	}
	return result, nil
}

// Restore restores snapshot n in a directory that is not there yet, or is empty, as
// a snapshot.Restorer does with live.Relocate. It is all or nothing.
func (s *Store) Restore(ctx context.Context, n int64, directory string) (_ *snapshot.Metadata, err error) {
	r, err := snapshot.NewRestorer(directory, vectorlite.Check, live.Relocate, snapshot.RestoreOptions{Interrupted: ctx.Err})
	if err != nil {
		return nil, err
	}
	var m *snapshot.Metadata
	if err = s.rows(ctx, n, r.Add); err == nil {
		m, err = r.Finish()
	}
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, s.failed("restore from store", err)
	}
	return m, nil
}
