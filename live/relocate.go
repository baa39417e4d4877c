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

type relocator struct{}

func (relocator) CheckDirectory(directory string) error { return vectorlite.CheckDirectory(directory) }

func (relocator) Relocate(database, directory string, files []snapshot.Part) error {
	err := relocate(database, directory, files)
	if errors.Is(err, c.Corrupt) || errors.Is(err, c.NotADB) {
		return fault.Damaged("damaged snapshot: %w", err)
	}
	return err
}

func relocate(database, directory string, files []snapshot.Part) error {
	if err := c.Link(); err != nil {
		return err
	}
	db, err := c.Open(database, c.OpenReadWrite, "")
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Distrust(); err != nil {
		return err
	}
	// A schema that is writable may have errors. In exclusive mode SQLite makes no
	// -shm file, and it removes the -wal file when the connection closes.
	for _, sql := range []string{"PRAGMA writable_schema = ON", "PRAGMA locking_mode = EXCLUSIVE"} {
		if err := db.Exec(sql); err != nil {
			return err
		}
	}
	changed, err := plan(db, directory, files)
	if err != nil || len(changed) == 0 {
		return err
	}
	if err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, row := range changed {
		if err := update(db, row); err != nil {
			return err
		}
	}
	if err := db.Exec("COMMIT"); err != nil {
		return err
	}
	return db.Exec("PRAGMA wal_checkpoint(TRUNCATE)") // to close would do it without a word of what fails
}

// plan gives the rows of the schema that change.
func plan(db c.DB, directory string, files []snapshot.Part) ([]vectorlite.SchemaRow, error) {
	var schema []vectorlite.SchemaRow
	err := db.Each(vectorlite.SchemaQuery, func(s *c.Stmt) error {
		schema = append(schema, vectorlite.SchemaRow{RowID: s.Int64(0), Name: s.Text(1), SQL: s.Text(2)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return vectorlite.Relocate(schema, directory, files)
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
