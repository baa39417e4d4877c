package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/store"
)

const fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO t(b) SELECT randomblob(1000) FROM n"

// Each night of a real database is what its file was.
func TestNights(t *testing.T) {
	a := newApp(t)
	s, _ := newStore(t, store.Options{})
	nights := make(map[int64]map[string][]byte)
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	for i, work := range []string{
		fill, fill, "SELECT 1", "UPDATE t SET b = randomblob(1000) WHERE id % 17 = 0", "DELETE FROM t WHERE id % 3 = 0", "VACUUM",
		fill, "PRAGMA page_size = 1024; VACUUM", "DELETE FROM t", "VACUUM", fill, "PRAGMA journal_mode = WAL; " + fill, fill,
		"PRAGMA journal_mode = DELETE; PRAGMA page_size = 65536; VACUUM", "DROP TABLE t; VACUUM; CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)",
	} {
		a.run(work)
		saved := a.save(s)
		if saved.N != int64(i+1) {
			t.Errorf("night %d is snapshot %d", i, saved.N)
		}
		a.run("PRAGMA wal_checkpoint(TRUNCATE)")
		nights[saved.N] = map[string][]byte{database: a.file()}
	}
	holds(t, s, nights)
	for n, files := range nights {
		directory := filepath.Join(t.TempDir(), "restored")
		if m, err := s.Restore(ctx, n, directory); err != nil || m.Files[0].Size != int64(len(files[database])) {
			t.Errorf("Restore: %+v, %v", m, err)
		}
		if got, err := os.ReadFile(filepath.Join(directory, database)); err != nil || string(got) != string(files[database]) {
			t.Errorf("snapshot %d is restored with %d bytes, %v", n, len(got), err)
		}
	}
}

// A night costs what changed.
func TestUnchanged(t *testing.T) {
	a := newApp(t)
	s, path := newStore(t, store.Options{})
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	a.run(fill)
	a.save(s)
	raw := openApp(t, path)
	defer raw.close()
	count := func() (versions, ended int) {
		if err := raw.conn.QueryRowContext(ctx, "SELECT count(*), count(last) FROM chunk").Scan(&versions, &ended); err != nil {
			t.Fatal(err)
		}
		return versions, ended
	}
	first, _ := count()
	a.save(s)
	if versions, ended := count(); versions != first || ended != 0 {
		t.Errorf("a night without changes: %d versions, %d ended, want %d and 0", versions, ended, first)
	}
	a.run("UPDATE t SET b = randomblob(1000) WHERE id = 50")
	a.save(s)
	if versions, ended := count(); versions != first+2 || ended != 2 { // its page, and the first, which counts changes
		t.Errorf("a night with one row changed: %d versions, %d ended, want %d and 2", versions, ended, first+2)
	}
}

// What is kept as it is, and what is compressed.
func TestCompression(t *testing.T) {
	a := newApp(t)
	a.run("CREATE TABLE t(b)")
	a.run("INSERT INTO t VALUES (zeroblob(1000000)), (randomblob(100000))")
	var sizes [2]int64
	for i, compression := range []snapshot.Compression{snapshot.CompressNothing, snapshot.CompressChunks} {
		s, path := newStore(t, store.Options{ChunkSize: 8192, Compression: compression})
		a.save(s)
		s.Close()
		if s, err := store.Open(path); err != nil || s.ChunkSize() != 8192 {
			t.Error(err)
		} else {
			a.save(s)
			holds(t, s, map[int64]map[string][]byte{1: {database: a.file()}, 2: {database: a.file()}})
			s.Close()
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		sizes[i] = info.Size()
	}
	if sizes[0] < 1100000 || sizes[1] > 250000 {
		t.Errorf("the stores have %d and %d bytes", sizes[0], sizes[1])
	}
}

// A store is a database: snapshots of it are, too.
func TestStoreOfAStore(t *testing.T) {
	a := newApp(t)
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	inner, path := newStore(t, store.Options{})
	outer, _ := newStore(t, store.Options{ChunkSize: 2048})
	nights := make(map[int64]map[string][]byte)
	of := openApp(t, path)
	defer of.close()
	for range 4 {
		a.run(fill)
		a.save(inner)
		nights[of.save(outer).N] = map[string][]byte{database: of.file()}
	}
	holds(t, outer, nights)
	directory := filepath.Join(t.TempDir(), "restored")
	if _, err := outer.Restore(ctx, 3, directory); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(filepath.Join(directory, database))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if all, err := s.List(ctx); err != nil || len(all) != 3 {
		t.Errorf("the restored store has %v, %v", all, err)
	}
	if problems, err := s.Check(ctx); err != nil || len(problems) > 0 {
		t.Errorf("Check: %q, %v", problems, err)
	}
}

func TestOpenAndCreate(t *testing.T) {
	s, path := newStore(t, store.Options{})
	if s.ChunkSize() != store.DefaultChunkSize {
		t.Errorf("chunks of %d bytes", s.ChunkSize())
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	dir := t.TempDir()
	other, empty := filepath.Join(dir, "other"), filepath.Join(dir, "empty")
	a := openApp(t, other)
	a.run("CREATE TABLE t(a)")
	a.close()
	noDatabase := filepath.Join(dir, "text")
	for name, text := range map[string]string{empty: "", noDatabase: strings.Repeat("text", 1000)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		path string
		open func(string) (*store.Store, error)
		want error
		text string
	}{
		{path, func(path string) (*store.Store, error) { return store.Create(path, store.Options{}) }, store.ErrExists, "it has tables already; open it, or give another name"},
		{other, func(path string) (*store.Store, error) { return store.Create(path, store.Options{}) }, store.ErrExists, "it has tables already; open it, or give another name"},
		{other, store.Open, store.ErrNotStore, "it is not a store of version 1; make one with Create, or with what vx_snapshot_store_schema() prints"},
		{empty, store.Open, store.ErrNotStore, "it is not a store of version 1; make one with Create, or with what vx_snapshot_store_schema() prints"},
		{noDatabase, store.Open, store.ErrNotStore, "it is not a store of version 1; make one with Create, or with what vx_snapshot_store_schema() prints"},
	} {
		got, err := c.open(c.path)
		if got != nil || !errors.Is(err, c.want) || !strings.HasSuffix(err.Error(), c.text) {
			t.Errorf("%s: %v", c.path, err)
		}
	}
	if _, err := store.Open(filepath.Join(dir, "nothing")); err == nil {
		t.Error("a store that is not there was opened")
	}
	if _, err := os.Stat(filepath.Join(dir, "nothing")); !os.IsNotExist(err) {
		t.Error("and made")
	}
	if _, err := store.Open("a\x00b"); err == nil {
		t.Error("a path with a zero byte was opened")
	}
	for _, opt := range []store.Options{{ChunkSize: 511}, {ChunkSize: snapshot.MaxChunkSize + 1}, {Compression: snapshot.CompressBlocks}} {
		if _, err := store.Create(filepath.Join(dir, "nothing"), opt); err == nil {
			t.Errorf("a store was made with %+v", opt)
		}
	}
	if s, err := store.Create(empty, store.Options{}); err != nil {
		t.Errorf("an empty file: %v", err)
	} else {
		s.Close()
		s.Close()
		if _, err := s.List(ctx); err == nil {
			t.Error("a closed store lists")
		}
	}
}

// The script makes a store, or nothing where it fails.
func TestSchema(t *testing.T) {
	a := newApp(t)
	a.run("CREATE TABLE newest(a)") // a name that comes late in the script
	if _, err := a.conn.ExecContext(ctx, store.Schema()); err == nil {
		t.Fatal("there is a table of that name")
	}
	_, _ = a.conn.ExecContext(ctx, "ROLLBACK")
	var tables int
	if err := a.conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil || tables != 1 {
		t.Errorf("half a store is there: %d tables, %v", tables, err)
	}
	b := newApp(t)
	b.run(store.Schema())
	s, err := store.Open(b.path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a.save(s)
	holds(t, s, map[int64]map[string][]byte{1: {database: a.file()}})
}

// A store of many nights takes 10 % more than the first night and the changed pages of the others.
func TestSize(t *testing.T) {
	a := newApp(t)
	s, path := newStore(t, store.Options{})
	s.Unsynced()
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	for range 50 {
		a.run(fill)
	}
	for range 10 {
		a.save(s)
		a.run("UPDATE t SET b = randomblob(1000) WHERE id IN (SELECT abs(random()) % 5000 FROM t LIMIT 100)")
	}
	raw := openApp(t, path)
	defer raw.close()
	var versions int64
	if err := raw.conn.QueryRowContext(ctx, "SELECT count(*) FROM chunk").Scan(&versions); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if most := versions * 4096 * 11 / 10; info.Size() > most {
		t.Errorf("the store has %d bytes, more than %d", info.Size(), most)
	}
}
