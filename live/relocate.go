package live

import (
	"errors"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// Relocate implements snapshot.Relocator for vectorlite's tables. The database
// is not trusted: nothing in its schema runs.
func Relocate(path, directory string, files []snapshot.Part) error {
	tables, err := vectorlite.Relocations(directory, files)
	if err != nil {
		return err
	}
	if err := c.Link(); err != nil {
		return err
	}
	db, err := c.Open(path, c.OpenReadWrite, "")
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Distrust(); err != nil {
		return err
	}
	for _, sql := range []string{"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA writable_schema = ON", "BEGIN IMMEDIATE"} {
		if err := db.Exec(sql); err != nil {
			return err
		}
	}
	for _, table := range tables {
		if err := relocateTable(db, table); err != nil {
			return err
		}
	}
	return db.Exec("COMMIT")
}

func relocateTable(db c.DB, table vectorlite.Relocation) error {
	sql, err := tableSQL(db, table.Table)
	if err != nil {
		return err
	}
	if sql, err = table.Rewrite(sql); err != nil {
		return err
	}
	s, err := db.Prepare("UPDATE sqlite_schema SET sql = ?1 WHERE type = 'table' AND name = ?2")
	if err != nil {
		return err
	}
	defer s.Close()
	if err := errors.Join(s.BindText(1, sql), s.BindText(2, table.Table)); err != nil {
		return err
	}
	_, err = s.Step()
	return err
}

func tableSQL(db c.DB, name string) (string, error) {
	s, err := db.Prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1")
	if err != nil {
		return "", err
	}
	defer s.Close()
	if err := s.BindText(1, name); err != nil {
		return "", err
	}
	if _, err := s.Step(); err != nil {
		return "", err
	}
	return s.Text(0), nil
}
