package live

import (
	"errors"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Relocate is the snapshot.Relocator for vectorlite's tables. The database is
// not trusted: nothing in its schema runs.
var Relocate snapshot.Relocator = relocator{}

// RelocateTo is Relocate with a path of its own for each table's index, wherever the
// database is restored to.
func RelocateTo(place vectorlite.Place) snapshot.Relocator { return relocator{place} }

type relocator struct {
	place vectorlite.Place // nil: in the directory
}

func (r relocator) CheckDirectory(directory string) error {
	if r.place != nil {
		return nil // no schema names it
	}
	return vectorlite.CheckDirectory(directory)
}

func (r relocator) Relocate(database, directory string, files []snapshot.Part) error {
	err := relocate(database, func(schema []vectorlite.SchemaRow) ([]vectorlite.SchemaRow, error) {
		if r.place != nil {
			return vectorlite.RelocateTo(schema, files, r.place)
		}
		return vectorlite.Relocate(schema, directory, files)
	})
	if errors.Is(err, c.Corrupt) || errors.Is(err, c.NotADB) || errors.Is(err, snapshot.ErrSchema) {
		return fault.Damaged("damaged snapshot: %w", err)
	}
	return err
}

func (relocator) Mentions(database snapshot.Part) (bool, error) { return vectorlite.Mentions(database) }

// relocate gives rows of a database's schema, which change, another text.
func relocate(database string, change func(schema []vectorlite.SchemaRow) ([]vectorlite.SchemaRow, error)) error {
	if err := c.Link(); err != nil {
		return err
	}
	db, err := openToEdit(database, c.OpenReadWrite, "")
	if err != nil {
		return err
	}
	defer db.Close()
	// In exclusive mode SQLite makes no -shm file, and it removes the -wal file when
	// the connection closes.
	if err := db.Exec("PRAGMA locking_mode = EXCLUSIVE"); err != nil {
		return err
	}
	schema, err := schemaRows(db)
	if unreadable(err) {
		return fault.New(snapshot.ErrSchema, "%w", err)
	}
	if err != nil {
		return err
	}
	changed, err := change(schema)
	if err != nil || len(changed) == 0 {
		return err
	}
	if err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := updateRows(db, changed); err != nil {
		return err
	}
	if err := db.Exec("COMMIT"); err != nil {
		return err
	}
	return db.Exec("PRAGMA wal_checkpoint(TRUNCATE)") // to close would do it without a word of what fails
}

// openToEdit opens a connection of our own whose schema can be edited, also where
// it has errors, and runs nothing.
func openToEdit(path string, flags int, vfs string) (db c.DB, err error) {
	if db, err = c.Open(path, flags, vfs); err != nil {
		return db, err
	}
	markPrivate(db)
	if err = db.Distrust(); err == nil {
		err = db.Exec("PRAGMA writable_schema = ON")
	}
	if err != nil {
		db.Close()
	}
	return db, err
}

func schemaRows(db c.DB) (rows []vectorlite.SchemaRow, err error) {
	err = db.Each(vectorlite.SchemaQuery, func(s *c.Stmt) error {
		rows = append(rows, vectorlite.SchemaRow{RowID: s.Int64(0), Name: s.Text(1), SQL: s.Text(2)})
		return nil
	})
	return rows, err
}

func updateRows(db c.DB, rows []vectorlite.SchemaRow) error {
	for _, row := range rows {
		if err := update(db, row); err != nil {
			return err
		}
	}
	return nil
}

func update(db c.DB, row vectorlite.SchemaRow) error {
	s, err := db.Prepare(row.Update())
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.BindText(1, row.SQL); err != nil {
		return err
	}
	_, err = s.Step()
	return err
}
