package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// changing is a directory with a database that changes, and what is made of it.
type changing struct{ dir, database string }

func (f changing) path(name string) string { return filepath.Join(f.dir, name) }

// stale is the database of the directory that is to be brought up to date.
func (f changing) stale() string { return f.path("stale/database.db") }

func (f changing) manifest() string { return f.path("manifest") }

// incrementName is vxsnap's row in the tables.
const incrementName = "vxsnap, increment"

// incrementContests are what is measured on increments.
func (b *bench) incrementContests(files changing) [incrementPairs]contest {
	inc := b.exportIncrement(files)
	steps := b.syncSteps(files)
	manifest := method{name: "vxsnap, manifest of the stale copy", args: steps[0], want: "1", minor: true}
	restore := method{name: "vxsnap, restore on the stale copy", args: steps[2], want: `{"snapshot_id"`, minor: true,
		makes: []string{files.path("fresh")}}
	return [incrementPairs]contest{
		incrementFull:     {verb: verbExport, mine: inc, peer: b.export(files.database, pageSize)},
		incrementOpenssl:  {verb: verbExport, mine: inc, peer: openssl(files.database)},
		incrementManifest: {verb: verbVerify, mine: manifest, peer: openssl(files.database)},
		incrementRestore:  {verb: verbRestore, mine: restore, peer: b.copyAndHash(files.database)},
		incrementSync:     {verb: verbSync, mine: b.sync(files), peer: b.rsync(files)},
	}
}

// exportIncrement reads the rows, and gives the bytes of their data.
func (b *bench) exportIncrement(files changing) method {
	m := b.sql(incrementName, files.database, "SELECT sum(length(data)) FROM "+files.increment(), "")
	m.prints = true
	return m
}

func (f changing) increment() string {
	return fmt.Sprintf("vx_snapshot_chunks WHERE chunk_size = %d AND base = readfile(%s)", pageSize, quote(f.manifest()))
}

// syncSteps bring a stale copy up to date: its manifest, there; the increment, here; and
// both in a new directory, there.
func (b *bench) syncSteps(files changing) [3][]string {
	shell := func(database string, sql ...string) []string {
		return append([]string{"sqlite3", "-bail", database, ".load " + b.vxsnap}, sql...)
	}
	changes := files.path("changes.db")
	return [3][]string{
		shell(":memory:", fmt.Sprintf("SELECT writefile(%s, vx_snapshot_manifest(%s, %d)) > 0", quote(files.manifest()), quote(files.path("stale")), pageSize)),
		shell(files.database, "ATTACH "+quote(changes)+" AS c; PRAGMA c.journal_mode = OFF; PRAGMA c.synchronous = OFF",
			"DROP TABLE IF EXISTS c.snap; CREATE TABLE c.snap AS SELECT * FROM "+files.increment()),
		shell(changes, fmt.Sprintf("SELECT vx_snapshot_restore(%s, %s, %s) FROM snap", quote(files.path("fresh")), rowColumns, quote(files.path("stale")))),
	}
}

// sync is the three steps, one after the other. It is the last to be measured: what it
// makes, the others read.
func (b *bench) sync(files changing) method {
	var script []string
	for i, step := range b.syncSteps(files) {
		var words []string
		for _, word := range step {
			words = append(words, shellQuote(word))
		}
		line := strings.Join(words, " ")
		if i < 2 {
			line += " > /dev/null"
		}
		script = append(script, line)
	}
	return method{
		name: "vxsnap, manifest + increment + restore", args: []string{"sh", "-c", strings.Join(script, " && ")},
		want: `{"snapshot_id"`, makes: []string{files.manifest(), files.path("changes.db"), files.path("fresh")},
	}
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
