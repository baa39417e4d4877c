package raftsnap

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/vxsnap/vxsnap/snapshot"
)

// pinSchema is the name of the state's database on the connection of a pin.
const pinSchema = "live"

// chunkSize is the length of the rows that a snapshot is made of, in bytes.
const chunkSize = 1 << 20

// A pin holds one moment of a database. Its connection has nothing but the
// database attached, so that it holds no vectorlite index and no lock on
// anything else.
type pin struct {
	db   *sql.DB
	conn *sql.Conn
	rows *sql.Rows // of vx_snapshot_pin; the moment lasts while it is open

	pageSize, pages int64
	way             string
}

func openPin(driver, path string) (_ *pin, err error) {
	ctx := context.Background()
	p := new(pin)
	if p.db, err = sql.Open(driver, ":memory:"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.conn, err = p.db.Conn(ctx); err != nil {
		return nil, err
	}
	if _, err := p.conn.ExecContext(ctx, "ATTACH ? AS "+pinSchema, path); err != nil {
		return nil, err
	}
	p.rows, err = p.conn.QueryContext(ctx, "SELECT page_size, pages, way FROM vx_snapshot_pin(?)", pinSchema)
	if err != nil {
		return nil, err
	}
	if !p.rows.Next() {
		return nil, errors.Join(errors.New("vx_snapshot_pin gave no row"), p.rows.Err())
	}
	return p, p.rows.Scan(&p.pageSize, &p.pages, &p.way)
}

// each gives the rows of the pinned moment to add. A row is valid until add
// returns.
func (p *pin) each(add func(*snapshot.Row) error) error {
	rows, err := p.conn.QueryContext(context.Background(),
		"SELECT seq, file_name, offset, data, is_last, metadata_json FROM vx_snapshot_chunks(?, ?)", chunkSize, pinSchema)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var row snapshot.Row
		var name, metadata sql.NullString
		var offset sql.NullInt64
		var data sql.RawBytes
		if err := rows.Scan(&row.Seq, &name, &offset, &data, &row.Last, &metadata); err != nil {
			return err
		}
		row.FileName, row.Offset, row.Data, row.Metadata = name.String, offset.Int64, data, metadata.String
		if row.Kind, err = snapshot.KindOf(row.Seq, name.Valid, offset.Valid, data != nil, metadata.Valid); err != nil {
			return err
		}
		if err := add(&row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (p *pin) close() (err error) {
	if p.rows != nil {
		err = p.rows.Close()
	}
	if p.conn != nil {
		err = errors.Join(err, p.conn.Close())
	}
	if err = errors.Join(err, p.db.Close()); err != nil {
		return fmt.Errorf("let go of the pin: %w", err)
	}
	return nil
}
