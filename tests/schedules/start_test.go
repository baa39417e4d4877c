package schedules_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"testing"
)

// A start is how a database is when a snapshot of it begins.
type start struct {
	name string
	wal  bool
	make func(t testing.TB, s *stage)
}

// restartAfter is how many commits a WAL holds before it is restarted, where
// there are that many.
const restartAfter = 3

var starts = []start{
	{"empty WAL", true, func(t testing.TB, s *stage) {}},
	{"nothing backfilled", true, func(t testing.TB, s *stage) { s.commits(t, restartAfter) }},
	{"partly backfilled", true, func(t testing.TB, s *stage) {
		s.commits(t, 1)
		reader := open(t, "control", s.file)
		run(t, reader, "BEGIN", "SELECT count(*) FROM t")
		s.commits(t, restartAfter-1)
		run(t, s.control, "PRAGMA wal_checkpoint(PASSIVE)")
		run(t, reader, "ROLLBACK")
		reader.Close()
	}},
	{"wholly backfilled", true, wholly},
	{"restarted", true, func(t testing.TB, s *stage) { // two commits of the WAL before lie behind the frames
		wholly(t, s)
		s.commits(t, 1)
	}},
	{"rollback journal", false, func(t testing.TB, s *stage) {}},
}

func wholly(t testing.TB, s *stage) {
	s.commits(t, restartAfter)
	run(t, s.control, "PRAGMA wal_checkpoint(PASSIVE)")
}

// A host is how the snapshot is asked for.
type host struct {
	schema     string // that the host knows the database by: main, or attached
	indexFiles string
}

// The second has no lock on the database but what the pin holds.
var hosts = []host{{"main", "disk"}, {"live", "none"}}

// A stage is a database with two connections: one that takes a snapshot, with
// the VFS that counts, and one on which everything else happens.
type stage struct {
	file          string
	host, control *sql.Conn
	by            host
	pageSize      int
	began, commit int // the last one at the start, and now
}

// newStage makes a database. It has a table, an index table, whose module nobody
// needs, and auto_vacuum, so that one commit can make it smaller.
func newStage(t testing.TB, from start, by host, pageSize int) *stage {
	s := &stage{file: filepath.Join(t.TempDir(), "live.db"), by: by, pageSize: pageSize, commit: 2}
	uri := "file:" + (&url.URL{Path: s.file}).EscapedPath()
	s.control = open(t, "control", uri+"?vfs=steps_control")
	run(t, s.control, "PRAGMA busy_timeout = 0")
	mode := "DELETE"
	if from.wal {
		mode = "WAL"
	}
	run(t, s.control, fmt.Sprintf("PRAGMA synchronous = OFF; PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL; "+
		"PRAGMA journal_mode = %s; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t(a INTEGER PRIMARY KEY, b)", pageSize, mode),
		"PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('table', '', '', 0, ''); PRAGMA writable_schema = OFF; "+
			s.rename(1), s.grow(2), "PRAGMA wal_checkpoint(TRUNCATE)")
	from.make(t, s)
	s.began = s.commit
	uri += "?vfs=steps"
	if by.schema == "main" {
		s.host = open(t, "host", uri)
		run(t, s.host, "SELECT count(*) FROM sqlite_schema")
	} else {
		s.host = open(t, "host", ":memory:")
		run(t, s.host, "ATTACH '"+uri+"' AS "+by.schema)
	}
	return s
}

// next numbers a commit.
func (s *stage) next() int {
	s.commit++
	return s.commit
}

func (s *stage) commits(t testing.TB, n int) {
	for range n {
		run(t, s.control, s.change(s.next()))
	}
}
