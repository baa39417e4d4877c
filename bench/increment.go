package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

// onlyIncrement is the value of BENCH_ONLY that leaves out all but increments.
const onlyIncrement = "increment"

// What is measured on increments, each with a peer.
const (
	incrementFull     = iota // beside an export of everything
	incrementOpenssl         // beside a digest of the database
	incrementManifest        // the manifest of the stale directory
	incrementRestore         // the increment and the stale directory, restored
	incrementSync            // manifest, increment and restore, beside sqlite3_rsync
	incrementPairs
)

// An increment is everything about what changed since a base.
type increment struct {
	bytes    int64 // of the database
	changed  int64 // of the pages that changed since the base
	fileRows int64 // of the data of the increment's rows
	rows     int64 // the same with the metadata and the end record
	manifest int64 // of the base
	file     int64 // of the rows, stored in a database
	bare     usage
	pairs    [incrementPairs]pair
	rsyncErr error // why there is no sqlite3_rsync
}

// changedSize is the size that increments and stores are measured at, in MiB: that of
// their goals, or the largest below it.
func (cfg config) changedSize() int { return min(changedGoal, cfg.sizes[len(cfg.sizes)-1]) }

// changedGoal is the size that their goals speak of, in MiB.
const changedGoal = 1024

// buildChanging makes the database that changes, and a directory for what belongs to it.
func (b *bench) buildChanging(dir string) (files changing, err error) {
	files = changing{dir: dir, database: filepath.Join(dir, "app.db")}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return files, err
	}
	log.Printf("building a database of %d MiB that changes", b.changedSize())
	return files, b.buildDatabase(files.database, b.changedSize())
}

// measureIncrement restores a copy, changes the database, and compares what brings the
// copy up to date.
func (b *bench) measureIncrement() (err error) {
	files, err := b.buildChanging(filepath.Join(b.dir, onlyIncrement))
	defer func() { err = errors.Join(err, os.RemoveAll(files.dir)) }()
	if err != nil {
		return err
	}
	inc := &increment{bytes: fileSize(files.database)}
	if err := b.prepareIncrement(inc, files); err != nil {
		return err
	}
	if inc.bare, err = b.measureBare(files.database); err != nil {
		return err
	}
	if err := b.checkRsync(files); err != nil {
		return err
	}
	for i, c := range b.incrementContests(files) {
		if c.peer.args == nil {
			inc.rsyncErr = b.rsyncErr
			continue
		}
		p := &inc.pairs[i]
		p.bytes = inc.bytes
		if p.mine, p.peer, err = b.compare(c.verb, c.mine, c.peer); err != nil {
			return err
		}
	}
	b.increment = inc
	return nil
}

// prepareIncrement leaves what the steps of a sync take, and counts the bytes.
func (b *bench) prepareIncrement(inc *increment, files changing) error {
	restore := fmt.Sprintf("SELECT vx_snapshot_restore(%s, %s) FROM vx_snapshot_chunks(%d)", quote(files.path("stale")), rowColumns, pageSize)
	if err := errors.Join(b.shell(files.database, restore), b.change(files.database, 1)); err != nil {
		return err
	}
	var err error
	if inc.changed, err = changedBytes(files.database, files.stale(), false); err != nil {
		return err
	}
	for _, step := range b.syncSteps(files) {
		if err := b.process(step); err != nil {
			return err
		}
	}
	left, err := changedBytes(files.database, files.path("fresh/database.db"), false)
	if err == nil && left != 0 {
		err = fmt.Errorf("%d bytes of the copy that was brought up to date differ from the database", left)
	}
	if err != nil {
		return err
	}
	inc.manifest, inc.file = fileSize(files.manifest()), fileSize(files.path("changes.db"))
	const data, metadata = "coalesce(length(data), 0)", "coalesce(length(CAST(metadata_json AS BLOB)), 0)"
	counted, err := b.command("sqlite3", "-separator", " ", files.path("changes.db"), "SELECT sum("+data+"), sum("+data+" + "+metadata+") FROM snap").Output()
	if err != nil {
		return err
	}
	if _, err := fmt.Sscan(string(counted), &inc.fileRows, &inc.rows); err != nil {
		return err
	}
	return errors.Join(warm(files.database), warm(files.stale()), os.RemoveAll(files.path("fresh")))
}
