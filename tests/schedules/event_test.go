package schedules_test

import (
	"fmt"
	"strings"
)

// An event is what happens at one step. Its script keeps the pages after each
// commit with steps_record. Where a lock is in the way the rest of the script
// is left out, as for any other client that does not wait.
type event struct {
	name   string
	script func(s *stage) string

	fails bool // always
}

const record = "; SELECT steps_record();"

// checkpoint has never an error; where a lock is in the way it does less.
func checkpoint(how string) string { return "PRAGMA wal_checkpoint(" + how + ");" }

var events = []event{
	{name: "commit", script: func(s *stage) string { return s.change(s.next()) + record }},
	{name: "two commits", script: func(s *stage) string { return s.changes(2) }},
	{name: "commit that grows", script: func(s *stage) string { return s.grow(s.next()) + record }},
	{name: "commit that shrinks", script: func(s *stage) string {
		return fmt.Sprintf("BEGIN IMMEDIATE; DELETE FROM t WHERE a > 1; PRAGMA incremental_vacuum; PRAGMA user_version = %d; COMMIT", s.next()) + record
	}},
	{name: "VACUUM", script: func(s *stage) string { return "DELETE FROM t WHERE a > 1" + record + "VACUUM" + record }},
	{name: "commit that renames the index table", script: func(s *stage) string { return s.rename(s.next()) + record }},
	{name: "PASSIVE", script: func(s *stage) string { return checkpoint("PASSIVE") }},
	{name: "FULL", script: func(s *stage) string { return checkpoint("FULL") }},
	{name: "RESTART", script: func(s *stage) string { return checkpoint("RESTART") }},
	{name: "TRUNCATE", script: func(s *stage) string { return checkpoint("TRUNCATE") }},
	{name: "PASSIVE, commit", script: func(s *stage) string { return checkpoint("PASSIVE") + s.changes(1) }},
	{name: "RESTART, commit", script: func(s *stage) string { return checkpoint("RESTART") + s.changes(1) }},
	{name: "RESTART, as many frames as before", script: func(s *stage) string { return checkpoint("RESTART") + s.changes(restartAfter) }},
	{name: "commit, RESTART", script: func(s *stage) string { return s.changes(1) + checkpoint("RESTART") }},
	{name: "TRUNCATE, commit", script: func(s *stage) string { return checkpoint("TRUNCATE") + s.changes(1) }},
	{name: "restart without a checkpoint, as many frames", script: func(s *stage) string { return s.changes(restartAfter) }},
	// The commit is whole in the WAL; the writer died before it was in both
	// copies of the header. The next who looks recovers.
	{name: "a writer dies", script: func(s *stage) string { return "SELECT steps_keep();" + s.changes(1) + "SELECT steps_tear();" }},
	{name: "a writer dies after a RESTART", script: func(s *stage) string {
		return checkpoint("RESTART") + "SELECT steps_keep();" + s.changes(1) + "SELECT steps_tear();"
	}},
	// The wal-index says that the WAL begins anew, the WAL is as before.
	{name: "a restart whose disk is full", fails: true, script: func(s *stage) string { return "SELECT steps_full();" + s.changes(1) }},
	{name: "DELETE mode", script: func(s *stage) string { return "PRAGMA journal_mode = DELETE" + record + s.changes(1) }},
	{name: "WAL mode", script: func(s *stage) string { return "PRAGMA journal_mode = WAL" + record + s.changes(1) }},
}

// after is what happens when the first row is there: everything that overwrites
// frames and pages which nothing holds still. A checkpoint passes over pages of
// which there is a frame behind the oldest read mark; hence the first.
func (s *stage) after() []string {
	return []string{checkpoint("PASSIVE"), s.change(s.next()), checkpoint("RESTART"), s.change(s.next()), checkpoint("TRUNCATE"), s.grow(s.next()), checkpoint("PASSIVE")}
}

// contents is what a row holds after a commit: as much as fills a page nearly.
func (s *stage) contents(commit int) string {
	return fmt.Sprintf("printf('%%0%dd', %d)", s.pageSize*3/4, commit)
}

// change writes another number on every page of the table and on page 1.
func (s *stage) change(commit int) string {
	return fmt.Sprintf("BEGIN IMMEDIATE; UPDATE t SET b = %s; PRAGMA user_version = %d; COMMIT", s.contents(commit), commit)
}

func (s *stage) changes(n int) string {
	var all strings.Builder
	for range n {
		all.WriteString(s.change(s.next()) + record)
	}
	return all.String()
}

// grow adds three rows, each of them on pages of its own.
func (s *stage) grow(commit int) string {
	return fmt.Sprintf("BEGIN IMMEDIATE; INSERT INTO t(b) VALUES (%[1]s), (%[1]s), (%[1]s); PRAGMA user_version = %[2]d; COMMIT",
		s.contents(commit), commit)
}

// rename gives the index table the name of the commit, as DROP and CREATE would
// do; they need the module.
func (s *stage) rename(commit int) string {
	return fmt.Sprintf("BEGIN IMMEDIATE; PRAGMA writable_schema = ON; "+
		"UPDATE sqlite_schema SET name = '%[1]s', tbl_name = '%[1]s', sql = 'CREATE VIRTUAL TABLE %[1]s USING vectorlite(v float32[4], hnsw(max_elements=100), ''%[2]s'')' "+
		"WHERE name <> 't'; PRAGMA writable_schema = OFF; PRAGMA schema_version = %[3]d; PRAGMA user_version = %[3]d; COMMIT",
		indexTable(commit), indexFile, 1000+commit)
}

func indexTable(commit int) string { return fmt.Sprintf("v%06d", commit) }
