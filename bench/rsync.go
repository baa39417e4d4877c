package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const rsyncName = "sqlite3_rsync"

// findRsync looks for sqlite3_rsync, which build/setup bench makes where it can.
func findRsync() (string, error) {
	path, err := filepath.Abs("../.tools/sqlite3_rsync")
	if err == nil {
		_, err = os.Stat(path)
	}
	if errors.Is(err, os.ErrNotExist) {
		err = errors.New("build/setup could not build it")
	}
	return path, err
}

// rsync brings a copy of the stale database up to date, both ends on this machine, and
// gives the bytes that went to and fro. Where there is no sqlite3_rsync it has no args.
func (b *bench) rsync(files changing) method {
	if b.rsyncErr != nil {
		return method{name: rsyncName}
	}
	replica := files.path("replica.db")
	m := script(rsyncName, `%s -v %s %s | awk '/^sent / { gsub(",", ""); print $2 + $5 }'`, b.rsyncProgram, files.database, replica)
	m.prints = true
	m.before = func() error { return copyWarm(replica, files.stale()) }
	m.makes = []string{replica, replica + "-wal", replica + "-shm"}
	return m
}

// checkRsync says whether it does what it is said to do.
func (b *bench) checkRsync(files changing) error {
	m := b.rsync(files)
	if m.args == nil {
		return nil
	}
	defer m.clean()
	if err := errors.Join(m.before(), b.process(m.args)); err != nil {
		return err
	}
	// It sets the bytes that say who wrote last, in the first page alone.
	left, err := changedBytes(files.database, files.path("replica.db"), false)
	if err == nil && left > pageSize {
		err = fmt.Errorf("%s left %d bytes of a copy that differ from the database", rsyncName, left)
	}
	return err
}
