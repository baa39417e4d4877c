package live_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// indexed makes a database that declares an index file, and the file.
func indexed(t *testing.T) (conn *sql.Conn, database, path string) {
	t.Helper()
	directory := t.TempDir()
	database, path = filepath.Join(directory, "app.db"), filepath.Join(directory, "docs.idx")
	db, err := sql.Open("sqlite3", database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxIdleConns(0) // so that Close closes the connection
	if conn, err = db.Conn(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	for _, s := range []string{
		"CREATE TABLE t(a)", "PRAGMA writable_schema = ON",
		`INSERT INTO sqlite_schema VALUES ('table', 'docs', 'docs', 0,
			'CREATE VIRTUAL TABLE docs USING vectorlite(v float32[1], hnsw(max_elements=13), ''` + path + `'')')`,
	} {
		if _, err := conn.ExecContext(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	return conn, database, path
}

// What somebody else can do to an index file.
var events = []struct {
	name string
	do   func(path string, image []byte) error
}{
	{"rewrite", func(path string, image []byte) error { return os.WriteFile(path, image, 0o600) }},
	{"replacement", func(path string, image []byte) error {
		return errors.Join(os.WriteFile(path+".new", image, 0o600), os.Rename(path+".new", path))
	}},
	{"truncation", func(path string, _ []byte) error { return os.Truncate(path, 100) }},
	{"removal", func(path string, _ []byte) error { return os.Remove(path) }},
}

// export takes a snapshot, and gives the bytes of the index file in it and
// whether the event fired before the first row.
func export(known *live.Conn, fired func() bool) (rows []snapshot.Row, early bool, err error) {
	e, err := known.Export("main", live.ExportOptions{ChunkSize: 512, IndexFiles: live.IndexAuto})
	early = fired()
	if err != nil {
		return nil, early, err
	}
	defer e.Close()
	err = e.Each(func(row *snapshot.Row) error {
		kept := *row
		kept.Data = slices.Clone(row.Data)
		rows = append(rows, kept)
		return nil
	})
	return rows, early, err
}

func bytesOf(rows []snapshot.Row, name string) (b []byte) {
	for _, row := range rows {
		if row.FileName == name {
			b = append(b, row.Data...)
		}
	}
	return b
}

// Each event at each operation on the index file: a snapshot has the file as it
// is when the first row comes, whole, or is an error that says what happened.
func TestEventAtEveryStepOfExport(t *testing.T) {
	before, after := testkit.IndexImage(1, 400), testkit.IndexImage(2, 500)
	for _, event := range events {
		whole, failed := 0, 0
		for step := 1; ; step++ {
			conn, _, path := indexed(t)
			if err := os.WriteFile(path, before, 0o600); err != nil {
				t.Fatal(err)
			}
			age(t, path)
			known := ofDriver(t, conn)
			n, fired := 0, false
			stop := live.AtStep(func(string) {
				if n++; n == step {
					fired = true
					if err := event.do(path, after); err != nil {
						t.Error(err)
					}
				}
			})
			rows, early, err := export(known, func() bool { return fired })
			stop()
			got := bytesOf(rows, "index_0.idx")
			switch {
			case err != nil:
				failed++
				if !errors.Is(err, snapshot.ErrChanged) && !errors.Is(err, snapshot.ErrIndexFile) && !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s at step %d: got %v, want an error that says what happened", event.name, step, err)
				}
			case early && bytes.Equal(got, after), !early && bytes.Equal(got, before):
				whole++
			default:
				t.Errorf("%s at step %d: the snapshot has %d bytes that are not those of the file at its first row", event.name, step, len(got))
			}
			if conn.Close(); !fired {
				if err != nil || step < 12 {
					t.Errorf("%s: %d steps, %v", event.name, step, err)
				}
				break
			}
		}
		if whole == 0 || event.name == "truncation" && failed == 0 {
			t.Errorf("%s: %d whole, %d failed", event.name, whole, failed)
		}
	}
}

// A disk calls f before each operation of a restore or a save.
type disk struct {
	snapshot.FS
	f func()
}

func (d disk) Mkdir(name string) error                     { d.f(); return d.FS.Mkdir(name) }
func (d disk) Create(name string) (snapshot.FSFile, error) { d.f(); return d.FS.Create(name) }
func (d disk) Rename(from, to string) error                { d.f(); return d.FS.Rename(from, to) }
func (d disk) RenameNew(from, to string) error             { d.f(); return d.FS.RenameNew(from, to) }
func (d disk) SyncDir(name string) error                   { d.f(); return d.FS.SyncDir(name) }
func (d disk) SyncFile(name string, interrupted func() error) error {
	d.f()
	return d.FS.SyncFile(name, interrupted)
}

// Whatever happens to the live index file at a step of a restore: the restored
// files are those of the snapshot, and the live file is what the event made.
func TestEventAtEveryStepOfRestore(t *testing.T) {
	before, after := testkit.IndexImage(1, 30), testkit.IndexImage(2, 40)
	for _, event := range events {
		conn, _, path := indexed(t)
		if err := os.WriteFile(path, before, 0o600); err != nil {
			t.Fatal(err)
		}
		rows, _, err := export(ofDriver(t, conn), func() bool { return false })
		if err != nil {
			t.Fatal(err)
		}
		for step, fired := 1, true; fired; step++ {
			if err := os.WriteFile(path, before, 0o600); err != nil {
				t.Fatal(err)
			}
			n, directory := 0, filepath.Join(t.TempDir(), "out")
			fired = false
			fs := disk{snapshot.OS, func() {
				if n++; n == step {
					fired = true
					if err := event.do(path, after); err != nil {
						t.Error(err)
					}
				}
			}}
			r, err := snapshot.NewRestorer(directory, vectorlite.Check, live.Relocate, snapshot.RestoreOptions{FS: fs})
			if err != nil {
				t.Fatal(err)
			}
			for i := range rows {
				err = errors.Join(err, r.Add(&rows[i]))
			}
			_, finish := r.Finish()
			if err = errors.Join(err, finish, r.Close()); err != nil {
				t.Errorf("%s at step %d: %v", event.name, step, err)
			}
			got, err := os.ReadFile(filepath.Join(directory, "index_0.idx"))
			if err != nil || !bytes.Equal(got, before) {
				t.Errorf("%s at step %d: the restored index is not that of the snapshot: %v", event.name, step, err)
			}
			want := before
			if fired {
				want = map[string][]byte{"rewrite": after, "replacement": after, "truncation": before[:100]}[event.name]
			}
			if now, _ := os.ReadFile(path); !bytes.Equal(now, want) {
				t.Errorf("%s at step %d: a restore touched the live index file", event.name, step)
			}
			if !fired && step < 8 {
				t.Errorf("only %d steps", step)
			}
		}
	}
}
