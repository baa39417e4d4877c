// Package wal reads a SQLite database in WAL mode as of one commit, without
// SQLite: from the database file, the WAL, and copies of parts of the wal-index.
//
// An [Index] is the header of that (index.go), which counts the frames of the WAL;
// which page each holds stands in its regions (pages.go); a [View] is the database that
// all of it stands for (view.go). Who calls it has to hold a read transaction at that
// commit: package live does, in its begin.go. Read index.go next.
package wal
