package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// buildDatabase makes a database of about size MiB: rows with a short text and
// 900 random bytes, four to a page of 4096 bytes, in WAL mode and checkpointed.
func (b *bench) buildDatabase(path string, size int) error {
	const rowsPerMiB = 1024
	script := fmt.Sprintf(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
		CREATE TABLE documents(id INTEGER PRIMARY KEY, title TEXT, body BLOB);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO documents(title, body) SELECT 'document ' || i, randomblob(900) FROM n;
		PRAGMA journal_mode = WAL;`, size*rowsPerMiB)
	if err := b.shell(path, script); err != nil {
		return err
	}
	return warm(path)
}

// storeSnapshot exports database into the table snap of a new database at path.
func (b *bench) storeSnapshot(path, database string, chunkSize int) error {
	script := fmt.Sprintf(`ATTACH %s AS stored; PRAGMA stored.journal_mode = OFF; PRAGMA stored.synchronous = OFF;
		CREATE TABLE stored.snap AS SELECT * FROM vx_snapshot_chunks(%d);`, quote(path), chunkSize)
	if err := b.shell(database, script); err != nil {
		return err
	}
	return warm(path)
}

// shell runs a script in the sqlite3 shell with vxsnap loaded.
func (b *bench) shell(database, script string) error {
	return b.process([]string{"sqlite3", "-bail", database, ".load " + b.vxsnap, script})
}

// process runs a process that nobody measures.
func (b *bench) process(args []string) error {
	out, err := b.command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", args[0], err, out)
	}
	return nil
}

// warm reads a file once, so that it is in the page cache, after a sync: what
// is still to be written would slow down the runs.
func warm(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, f)
	return err
}

// copyWarm copies a database for a method that changes it.
func copyWarm(to, from string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	defer dst.Close()
	if _, err := io.Copy(dst, src); err != nil {
		return err
	}
	return warm(to)
}
