package live_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// exported is the database of a snapshot without index files, from a connection
// that reads no schema.
func exported(path, words string) (all []byte, way string, err error) {
	held, err := live.HoldFile(path, words)
	if err != nil {
		return nil, "", err
	}
	defer held.Close()
	e, err := held.Export(0)
	if err != nil {
		return nil, "", err
	}
	defer e.Close()
	err = e.Each(func(row *snapshot.Row) error {
		all = append(all, row.Data...)
		return nil
	})
	return all, held.Way(), err
}

// damagedFile makes a database of five pages and changes its bytes.
func damagedFile(t *testing.T, mode string, change func([]byte) []byte) (path string, image []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "app.db")
	conn := openFile(t, path)
	perform(t, conn, "PRAGMA journal_mode = "+mode, "CREATE TABLE t(a)", "CREATE TABLE u(a)", "INSERT INTO t VALUES (randomblob(3000))", "CREATE INDEX i ON t(a)")
	if mode == "WAL" {
		perform(t, conn, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	conn.Close()
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	image = change(image)
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, image
}

func put(offset int, b ...byte) func([]byte) []byte {
	return func(image []byte) []byte {
		copy(image[offset:], b)
		return image
	}
}

// Without index files nothing of the schema is read: what is wrong with it is
// copied as it is, in place and through a copy.
func TestDamagedSchemaIsCopied(t *testing.T) {
	for _, damage := range []struct {
		name     string
		change   func([]byte) []byte
		attached bool // where the schema may be damaged
	}{
		{"SQL that is none", func(b []byte) []byte { return bytes.Replace(b, []byte("CREATE TABLE u"), []byte("CREATE TRBLE u"), 1) }, true},
		{"a file format of the future", put(44, 0, 0, 0, 5), false},
		{"a table without a page", func(b []byte) []byte {
			return bytes.Replace(b, append([]byte("tablett"), 2), append([]byte("tablett"), 99), 1)
		}, true},
	} {
		for _, mode := range []string{"DELETE", "WAL"} {
			path, image := damagedFile(t, mode, damage.change)
			got, way, err := exported(path, live.IndexNone)
			if err != nil || !strings.HasPrefix(way, "pin") || !bytes.Equal(got, image) {
				t.Errorf("%s, %s: got %d bytes, %q, %v", damage.name, mode, len(got), way, err)
			}
			if _, _, err := exported(path, live.IndexDisk); err == nil {
				t.Errorf("%s, %s: the schema is not damaged", damage.name, mode)
			}
			if !damage.attached {
				continue
			}
			conn := openFile(t, ":memory:")
			perform(t, conn, "PRAGMA writable_schema = ON", "ATTACH '"+path+"' AS side", "PRAGMA side.locking_mode = EXCLUSIVE")
			if got, err = column(conn, "SELECT data FROM vx_snapshot_chunks(NULL, 'side', 'none')"); err != nil {
				t.Errorf("%s, %s, spool: %v", damage.name, mode, err)
				continue
			}
			if mode == "WAL" { // a backup is in no WAL mode
				copy(got[18:28], image[18:28])
				copy(got[92:100], image[92:100])
			}
			if way := ofDriver(t, conn).Way(); !strings.HasPrefix(way, "spool") || !bytes.Equal(got, image) {
				t.Errorf("%s, %s: %q: the bytes are others", damage.name, mode, way)
			}
		}
	}
}

// What was copied with a schema that cannot be read is restored as it is, unless it
// may name an index file of the live database.
func TestDamagedSchemaIsRestored(t *testing.T) {
	vectors := func(b []byte) []byte {
		return bytes.Replace(b, []byte("CREATE TABLE u(a)"), []byte("USING vectorlite("), 1)
	}
	for _, damage := range []struct {
		name   string
		change func([]byte) []byte
		want   string
	}{
		{"SQL that is none", func(b []byte) []byte { return bytes.Replace(b, []byte("CREATE TABLE u"), []byte("CREATE TRBLE u"), 1) }, ""},
		{"a page that is none", put(100, 0), ""},
		{"a file format of the future", put(44, 0, 0, 0, 5), ""},
		{"a page that is none, with the name of vectorlite", func(b []byte) []byte { return put(100, 0)(vectors(b)) },
			"damaged snapshot: database disk image is malformed; it may name index files of the live database"},
		{"a file format of the future, with the name of vectorlite", func(b []byte) []byte { return put(44, 0, 0, 0, 5)(vectors(b)) },
			"damaged snapshot: unsupported file format; it may name index files of the live database"},
	} {
		for _, mode := range []string{"DELETE", "WAL"} {
			path, image := damagedFile(t, mode, damage.change)
			held, err := live.HoldFile(path, live.IndexNone)
			if err != nil {
				t.Fatal(err)
			}
			for name, relocate := range map[string]snapshot.Relocator{"live": live.Relocate, "sql": vectorlite.RelocateSQL("sqlite3")} {
				directory := filepath.Join(t.TempDir(), "out")
				e, err := held.Export(512)
				if err != nil {
					t.Fatal(err)
				}
				err = restoreExport(e, directory, relocate)
				if damage.want != "" {
					if err == nil || !strings.Contains(err.Error(), damage.want) || !errors.Is(err, snapshot.ErrDamaged) {
						t.Errorf("%s, %s, %s: got %v, want %s", damage.name, mode, name, err, damage.want)
					}
					continue
				}
				got, other := os.ReadFile(filepath.Join(directory, "database.db"))
				if err := errors.Join(err, other); err != nil || !bytes.Equal(got, image) {
					t.Errorf("%s, %s, %s: got %d bytes, %v", damage.name, mode, name, len(got), err)
				}
			}
			held.Close()
		}
	}
}

// column is the bytes of a column, put together.
func column(conn *sql.Conn, query string) (all []byte, err error) {
	rows, err := conn.QueryContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
	return all, rows.Err()
}

// What a file is, and what it is not, is said with the cause.
func TestDamageIsNamed(t *testing.T) {
	for _, damage := range []struct {
		name   string
		change func([]byte) []byte
		words  string
		want   string
	}{
		{"not a database", func(b []byte) []byte { return bytes.Repeat([]byte("text "), 2000) }, live.IndexNone,
			`^'.*/app.db' does not begin as an SQLite database does: it is encrypted, and this connection was not given its key, or it is another kind of file: file is not a database$`},
		{"not a database, its schema", func(b []byte) []byte { return bytes.Repeat([]byte("text "), 2000) }, live.IndexDisk, `does not begin as an SQLite database does`},
		{"page size", put(16, 3, 3), live.IndexNone, `^the header of '.*/app.db' is damaged, its page size is not allowed; bring back an older copy: file is not a database$`},
		{"cut short", func(b []byte) []byte { return b[:9000] }, live.IndexNone,
			`^'.*/app.db' was cut short: it has 9000 bytes, and 5 pages of 4096 bytes according to its header; bring back an older copy, or save what is left with .recover of the sqlite3 shell: database disk image is malformed$`},
		{"schema", func(b []byte) []byte { return bytes.Replace(b, []byte("CREATE TABLE u"), []byte("CREATE TRBLE u"), 1) }, live.IndexDisk,
			`^malformed database schema \(u\).*; with index_files = 'none' a snapshot copies the database without reading its schema$`},
		{"fractions", put(21, 65), live.IndexNone, `^the header of '.*/app.db' is damaged; bring back an older copy: file is not a database$`},
		{"no multiple", func(b []byte) []byte {
			return bytes.Replace(b, []byte("CREATE TABLE u"), []byte("CREATE TRBLE u"), 1)[:len(b)-100]
		}, live.IndexAuto, `^'.*/app.db' has 20380 bytes, no multiple of its page size of 4096, so that it was cut short or something was written behind it: ` +
			`malformed database schema \(u\).*; with index_files = 'none' a snapshot copies the database without reading its schema$`},
		{"format", put(44, 0, 0, 0, 5), live.IndexAuto, `^unsupported file format; with index_files = 'none' a snapshot copies the database without reading its schema$`},
		{"cut short, WAL", func(b []byte) []byte { return put(18, 2, 2)(b)[:9000] }, live.IndexNone, `^'.*/app.db' was cut short: it has 9000 bytes, and 5 pages`},
	} {
		path, _ := damagedFile(t, "DELETE", damage.change)
		_, _, err := exported(path, damage.words)
		if err == nil || !regexp.MustCompile(damage.want).MatchString(err.Error()) || !errors.As(err, new(*c.Error)) {
			t.Errorf("%s:\n got %v\nwant %s", damage.name, err, damage.want)
		}
	}
}

// A last page that is not whole is read as SQLite reads it: the rest is 0. The
// schema is not read for that copy either.
func TestLastPageIsNotWhole(t *testing.T) {
	path, image := damagedFile(t, "DELETE", func(b []byte) []byte {
		return bytes.Replace(b, []byte("CREATE TABLE u"), []byte("CREATE TRBLE u"), 1)[:len(b)-100]
	})
	got, way, err := exported(path, live.IndexNone)
	if err != nil || !bytes.Equal(got, append(image, make([]byte, 100)...)) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if want := "spool: no pin: the database file has 20380 bytes, fewer than its 5 pages of 4096 bytes"; way != want {
		t.Errorf("way: got %q, want %q", way, want)
	}
}

// Bytes behind the pages that the header tells of are no part of the database.
func TestMoreThanTheHeaderSays(t *testing.T) {
	path, image := damagedFile(t, "DELETE", func(b []byte) []byte { return append(b, make([]byte, 5000)...) })
	got, way, err := exported(path, live.IndexNone)
	if err != nil || !bytes.Equal(got, image[:5*4096]) || way != "pin, rollback journal" {
		t.Errorf("got %d bytes, %q, %v", len(got), way, err)
	}
	path, image = damagedFile(t, "DELETE", func(b []byte) []byte { // an old SQLite wrote it
		binary.BigEndian.PutUint32(b[92:], 77)
		return append(b, make([]byte, 4096)...)
	})
	got, way, err = exported(path, live.IndexNone)
	if err != nil || !bytes.Equal(got, image) || way != "pin, rollback journal" {
		t.Errorf("a header that is not up to date: got %d bytes, %q, %v", len(got), way, err)
	}
}
