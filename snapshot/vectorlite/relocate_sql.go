package vectorlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/vxsnap/vxsnap/snapshot"
)

// RelocateSQL is a snapshot.Relocator over database/sql, for drivers without
// cgo: driver is the name of one for SQLite, which takes a path as its data
// source. Nothing in the schema of the restored database runs meanwhile.
func RelocateSQL(driver string) snapshot.Relocator {
	return func(database, directory string, files []snapshot.Part) error {
		tables, err := Relocations(directory, files)
		if err != nil {
			return err
		}
		return relocateSQL(driver, database, tables)
	}
}

func relocateSQL(driver, path string, tables []Relocation) (err error) {
	db, err := sql.Open(driver, path)
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
	// In exclusive mode SQLite makes no -shm file, and it removes the -wal file
	// when the connection closes.
	for _, statement := range []string{
		"PRAGMA trusted_schema = OFF", "PRAGMA locking_mode = EXCLUSIVE", "PRAGMA writable_schema = ON", "BEGIN IMMEDIATE",
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	for i := range tables {
		if err := rewrite(ctx, conn, &tables[i]); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

func rewrite(ctx context.Context, conn *sql.Conn, table *Relocation) error {
	var statement string
	err := conn.QueryRowContext(ctx, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", table.Table).Scan(&statement)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if statement, err = table.Rewrite(statement); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", statement, table.Table)
	return err
}
