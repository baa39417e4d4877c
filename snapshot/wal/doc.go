// Package wal reads a SQLite database in WAL mode as of one commit, without
// SQLite: from the database file, the WAL, and a copy of the wal-index header.
//
// An [Index] is that header (index.go); a [View] is the database that it stands
// for (view.go). Who calls it has to hold a read transaction at that commit:
// package live does, in its begin.go. Read index.go next.
package wal
