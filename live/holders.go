package live

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// An index file is as new as the vectors that were committed if nobody holds a
// newer index in memory. Times do not tell: an INSERT into a vectorlite table
// changes neither the database nor its WAL, a connection that only searched
// rewrites the file when it closes, and a checkpoint may come later than both. So
// what counts is who has the database open: other processes, and other
// connections of this one.

// otherHolder says who else may hold a newer index of a schema in
// memory, "" if nobody can.
func (cn *Conn) otherHolder(schema string) (who string, err error) {
	path := cn.db.Filename(schema)
	if path == "" { // a temporary database, or one in memory, which may be shared
		if schema == "main" {
			_, who = cn.askKnown(fileKey{}, false)
		}
		return who, nil
	}
	file, ok := keyOf(path)
	if !ok || cn.db.HasMoved(schema) {
		return "somebody who has the database file open under another name", nil
	}
	mode, err := cn.pragmaText(identifier(schema) + ".journal_mode")
	if err != nil {
		return "", err
	}
	wal := mode == "wal"
	if schema == "main" {
		cn.read.Store(true)
	}
	if who, err = cn.otherConnection(file, path, wal); who != "" || err != nil {
		return who, err
	}
	if wal {
		if who, err = lockHolder(file); who != "" || err != nil {
			return who, err
		}
	}
	// A lock is gone where its process closed the file otherwise, or was forked.
	return openIn(file, path, !wal)
}

// lockHolder names a process that has a database in WAL mode open: every
// connection that has read it holds a lock on the database file until it closes.
// The lock is asked for with SQLite's own descriptor, which shows those of other
// processes whatever their PID namespace, and only those.
func lockHolder(file fileKey) (who string, err error) {
	const sharedFirst, sharedSize = 0x40000002, 510 // https://www.sqlite.org/src/file/src/os.h
	err = errNoDescriptor
	each := eachDescriptor(func(fd int, st *unix.Stat_t) {
		if err == nil || identityOf(st).file != file {
			return
		}
		lock := unix.Flock_t{Type: unix.F_WRLCK, Start: sharedFirst, Len: sharedSize}
		if err = unix.FcntlFlock(uintptr(fd), unix.F_GETLK, &lock); err == nil && lock.Type != unix.F_UNLCK {
			who = processName(int(lock.Pid))
		}
	})
	if err = errors.Join(each, err); err != nil {
		return "", fmt.Errorf("cannot tell who else has the database open: %w", err)
	}
	return who, nil
}

var errNoDescriptor = errors.New("SQLite has no descriptor of it")
