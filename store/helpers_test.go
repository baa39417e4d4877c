package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/store"
)

var ctx = context.Background()

// A tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// An app is a database that snapshots are taken of.
type app struct {
	tester
	path string
	db   *sql.DB
	conn *sql.Conn
}

func openApp(t tester, path string) *app {
	t.Helper()
	a := &app{tester: t, path: path}
	var err error
	if a.db, err = sql.Open("sqlite3", path); err == nil {
		a.conn, err = a.db.Conn(ctx)
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	return a
}

func newApp(t *testing.T) *app {
	t.Helper()
	a := openApp(t, filepath.Join(t.TempDir(), "app.db"))
	t.Cleanup(a.close)
	return a
}

func (a *app) close() {
	a.conn.Close()
	a.db.Close()
}

func (a *app) run(query string, args ...any) {
	a.Helper()
	if _, err := a.conn.ExecContext(ctx, query, args...); err != nil {
		a.Fatalf("%s: %v", query, err)
	}
}

// with calls f with what vxsnap knows of the connection.
func (a *app) with(f func(cn *live.Conn) error) error {
	return a.conn.Raw(func(conn any) error {
		cn, err := live.OfDriver(conn)
		if err == nil {
			err = f(cn)
		}
		return err
	})
}

// save saves a night of which the files must be what they are now.
func (a *app) save(s *store.Store) (saved store.Snapshot) {
	a.Helper()
	err := a.with(func(cn *live.Conn) (err error) {
		saved, err = s.Save(ctx, cn, "main", live.IndexAuto)
		return err
	})
	if err != nil {
		a.Fatalf("Save: %v", err)
	}
	return saved
}

// insert saves a row with SQL alone; the app is a store.
func (a *app) insert(row *snapshot.Row) error {
	var name, offset, data, metadata any = row.FileName, row.Offset, row.Data, row.Metadata
	if row.Kind == snapshot.KindChunk {
		metadata = nil
	} else {
		name, offset, data = nil, nil, nil
	}
	_, err := a.conn.ExecContext(ctx, "INSERT INTO save(seq, file_name, offset, data, is_last, metadata_json) VALUES (?, ?, ?, ?, ?, ?)",
		row.Seq, name, offset, data, row.Last, metadata)
	return err
}

// file is the database's file, in which all of the database is.
func (a *app) file() []byte {
	a.Helper()
	b, err := os.ReadFile(a.path)
	if err != nil {
		a.Fatalf("%v", err)
	}
	return b
}

func newStore(t *testing.T, opt store.Options) (*store.Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := store.Create(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, path
}

// holds checks that the store has exactly these nights, byte for byte, and nothing wrong.
func holds(t tester, s *store.Store, nights map[int64]map[string][]byte) {
	t.Helper()
	if problems, err := s.Check(ctx); err != nil || len(problems) > 0 {
		t.Errorf("Check: %q, %v", problems, err)
	}
	all, err := s.List(ctx)
	if err != nil || len(all) != len(nights) {
		t.Errorf("List: %v, %v, want %d snapshots", all, err, len(nights))
	}
	for n, files := range nights {
		if err := same(s, n, files); err != nil {
			t.Errorf("snapshot %d: %v", n, err)
		}
	}
}

// same compares the files that the rows of a night give.
func same(s *store.Store, n int64, files map[string][]byte) error {
	got := make(map[string][]byte)
	err := s.Rows(ctx, n, func(row *snapshot.Row) error {
		if row.Kind == snapshot.KindChunk {
			data, err := plain(row.Data)
			if err != nil {
				return err
			}
			if int64(len(got[row.FileName])) != row.Offset {
				return fmt.Errorf("%s goes on at %d, after %d bytes", row.FileName, row.Offset, len(got[row.FileName]))
			}
			got[row.FileName] = append(got[row.FileName], data...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !maps.EqualFunc(got, files, bytes.Equal) {
		return fmt.Errorf("the files %q differ from %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(files)))
	}
	return nil
}

// plain takes data out of a frame of zstd.
func plain(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
		return data, nil
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.DecodeAll(data, nil)
}
