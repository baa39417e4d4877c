package c_test

import (
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/c"
)

// Nothing in the schema of a database that is not trusted runs.
func TestDistrust(t *testing.T) {
	inside(t, ":memory:", func(c.DB) {
		db, err := c.Open(filepath.Join(t.TempDir(), "sent.db"), c.OpenReadWrite|c.OpenPrivate|0x4 /* SQLITE_OPEN_CREATE */, "")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, query := range []string{
			"CREATE TABLE t(a)", "CREATE TABLE ran(a)",
			"CREATE TRIGGER sent AFTER INSERT ON t BEGIN INSERT INTO ran VALUES (1); END",
		} {
			if err := db.Exec(query); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Distrust(); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Int64("PRAGMA trusted_schema"); got != 0 || err != nil {
			t.Errorf("trusted_schema is %d, %v, want 0", got, err)
		}
		if err := db.Exec("INSERT INTO t VALUES (1)"); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Int64("SELECT count(*) FROM ran"); got != 0 || err != nil {
			t.Errorf("a trigger ran %d times, %v, want 0", got, err)
		}
	})
}
