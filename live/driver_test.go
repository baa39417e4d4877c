package live_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
	"github.com/vxsnap/vxsnap/live"
)

// A SQLiteConn is called like the driver's, and is none.
type SQLiteConn struct{ db *sql.DB }

// What is no connection of the driver never gets to C.
func TestStrangersAreRefused(t *testing.T) {
	ctx := context.Background()
	db, conn := connect(t)
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	stmt, err := db.Prepare("SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	closed, err := new(sqlite3.SQLiteDriver).Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for _, stranger := range []any{
		nil, 7, conn, tx, stmt, db, &SQLiteConn{db}, SQLiteConn{db}, (*SQLiteConn)(nil), &struct{ db *sql.DB }{db},
		&conn, closed, &struct{ *sqlite3.SQLiteConn }{}, (*sqlite3.SQLiteConn)(nil), sqlite3.SQLiteDriver{},
	} {
		_, err := live.OfDriver(stranger)
		for _, err := range []error{err, extension.Register(stranger)} {
			if want := "is not an open *sqlite3.SQLiteConn of github.com/mattn/go-sqlite3; pass what"; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%T: got %v, want %q", stranger, err, want)
			}
		}
	}
}

// The type is looked at before the field.
func TestTypeOfDriver(t *testing.T) {
	if !live.IsDriverConn(new(sqlite3.SQLiteConn)) {
		t.Error("SQLiteConn is not taken for the driver's")
	}
	for _, stranger := range []any{new(sql.Conn), new(sql.Tx), new(sql.Stmt), new(sql.DB), new(SQLiteConn), new(sqlite3.SQLiteStmt)} {
		if live.IsDriverConn(stranger) {
			t.Errorf("%T is taken for the driver's SQLiteConn", stranger)
		}
	}
}

// The field is looked at too, should the driver change.
func TestFieldOfDriver(t *testing.T) {
	db, conn := connect(t)
	if live.HandleIn(&SQLiteConn{db}) != nil {
		t.Error("a Go object passes for an sqlite3*")
	}
	if live.HandleIn(&struct{ a int }{1}) != nil || live.HandleIn(&struct{ db int }{1}) != nil {
		t.Error("something else passes for an sqlite3*")
	}
	err := conn.Raw(func(driver any) error {
		if live.HandleIn(driver) == nil {
			t.Error("the driver's own connection does not pass")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDriverPackage(t *testing.T) {
	for path, want := range map[string]bool{
		"github.com/mattn/go-sqlite3":                        true,
		"example.com/app/vendor/github.com/mattn/go-sqlite3": true,
		"example.com/github.com/mattn/go-sqlite3":            false,
		"github.com/mattn/go-sqlite3/v2":                     false,
		"":                                                   false,
	} {
		if got := live.IsDriverPackage(path); got != want {
			t.Errorf("%q: got %t", path, got)
		}
	}
}
