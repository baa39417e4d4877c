package vectorlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// RelocateSQL is a snapshot.Relocator over database/sql, for drivers without
// cgo: driver is the name of one for SQLite, which takes a path as its data
// source. Nothing in the schema of the restored database runs meanwhile.
func RelocateSQL(driver string) snapshot.Relocator { return relocator(driver) }

type relocator string

func (relocator) CheckDirectory(directory string) error { return CheckDirectory(directory) }

func (driver relocator) Relocate(database, directory string, files []snapshot.Part) (err error) {
	read := false // the schema; some drivers read it when they connect
	defer func() { err = asDamage(err, read) }()
	db, err := sql.Open(string(driver), database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	// A schema that is writable may have errors. In exclusive mode SQLite makes no
	// -shm file, and it removes the -wal file when the connection closes.
	if err := execute(ctx, conn, "PRAGMA writable_schema = ON", "PRAGMA trusted_schema = OFF", "PRAGMA locking_mode = EXCLUSIVE"); err != nil {
		return err
	}
	schema, err := querySchema(ctx, conn)
	if err != nil {
		return err
	}
	read = true
	changed, err := Relocate(schema, directory, files)
	if err != nil || len(changed) == 0 {
		return err
	}
	if err := execute(ctx, conn, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, row := range changed {
		if _, err := conn.ExecContext(ctx, row.Update(), row.SQL); err != nil {
			return err
		}
	}
	return execute(ctx, conn, "COMMIT")
}

// asDamage makes damage of what SQLite says of a database that it cannot read.
// Each driver has a type of its own for such an error; the text is SQLite's.
func asDamage(err error, read bool) error {
	if !read && isUnreadable(err) {
		err = fault.New(snapshot.ErrSchema, "%w", err)
	}
	if isUnreadable(err) || err != nil && strings.Contains(err.Error(), "file is not a database") {
		return fault.Damaged("damaged snapshot: %w", err)
	}
	return err
}

// isUnreadable reports whether an error of SQLite's, of any driver, says that a
// database is one, but its schema cannot be read.
func isUnreadable(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "malformed") || strings.Contains(err.Error(), "unsupported file format"))
}

func (relocator) Mentions(database snapshot.Part) (bool, error) { return Mentions(database) }

func execute(ctx context.Context, conn *sql.Conn, statements ...string) error {
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func querySchema(ctx context.Context, conn *sql.Conn) (schema []SchemaRow, err error) {
	rows, err := conn.QueryContext(ctx, SchemaQuery)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var name, statement sql.NullString
		if err := rows.Scan(&id, &name, &statement); err != nil {
			return nil, err
		}
		schema = append(schema, SchemaRow{id, name.String, statement.String})
	}
	return schema, rows.Err()
}
