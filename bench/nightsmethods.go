package main

import (
	"fmt"
	"log"
	"path/filepath"
)

// Names of the ways to use a store.
const (
	goName    = "vxsnap, store in Go"
	shellName = "vxsnap, store in the shell"
)

func (f changing) store() string { return f.path("nights.db") }

// older is the database of the night before.
func (f changing) older() string { return f.path("older.db") }

// tar is a snapshot of the same moment as night n.
func (f changing) tar(n int) string { return f.path(fmt.Sprintf("%d.tar", n)) }

// buildNights builds the Go program of the directory nights.
func (b *bench) buildNights() error {
	log.Print("building nights")
	b.nightsProgram = filepath.Join(b.dir, "nights")
	return b.process([]string{"go", "build", "-o", b.nightsProgram, "./nights"})
}

// first makes a store, and saves the first night.
func (b *bench) first(files changing) method {
	m := script(goName+", the first night + sync", "%[1]s first %[2]s %[3]s && sync %[2]s", b.nightsProgram, files.store(), files.database)
	m.want, m.makes = "saved 1", []string{files.store()}
	return m
}

func (b *bench) backupSynced(files changing) method {
	m := script(".backup + sync", "sqlite3 %[1]s '.backup %[2]s' && sync %[2]s", files.database, b.copyPath())
	m.makes = []string{b.copyPath()}
	return m
}

func (b *bench) saveNight(files changing, n int) method {
	return method{name: goName, args: []string{b.nightsProgram, "save", files.store(), files.database}, want: fmt.Sprintf("saved %d", n)}
}

// saveShell is the session of docs/STORE.md.
func (b *bench) saveShell(files changing) method {
	return method{name: shellName, args: []string{
		"sqlite3", "-bail", files.database, ".timeout 60000", ".load " + b.vxsnap, "ATTACH " + quote(files.store()) + " AS store",
		"PRAGMA store.secure_delete = OFF", "PRAGMA store.cache_size = -16000",
		`INSERT INTO store.save SELECT *, manifest FROM vx_snapshot_chunks((SELECT chunk_size FROM store.setting),
			'main', 'auto', (SELECT compression FROM store.setting), (SELECT manifest FROM store.newest))`,
	}}
}

// keepNight saves the same state as night n as a file, where it will be restored.
func (b *bench) keepNight(files changing, n int) error { return b.keep(files.tar(n), files.database) }

// restoresOf are the ways to restore night n.
func (b *bench) restoresOf(files changing, n int) []method {
	target := filepath.Join(b.dir, "restored")
	program := method{name: goName, args: []string{b.nightsProgram, "restore", files.store(), fmt.Sprint(n), target}, want: "restored snap_",
		makes: []string{target}}
	shell := b.sql(shellName, files.store(), fmt.Sprintf("SELECT vx_snapshot_restore(%s, %s) FROM rows WHERE n = %d", quote(target), rowColumns, n),
		`{"snapshot_id"`)
	shell.makes = []string{target}
	return []method{program, shell}
}

// prune drops all but the last nights from a copy of the store.
func (b *bench) prune(files changing) method {
	pruned := files.path("pruned.db")
	return method{
		name: goName, args: []string{b.nightsProgram, "prune", pruned, fmt.Sprint(nightsKept)}, want: fmt.Sprintf("dropped %d", nightsSaved-nightsKept),
		before: func() error { return copyWarm(pruned, files.store()) }, makes: []string{pruned},
	}
}
