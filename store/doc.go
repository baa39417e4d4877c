// Package store keeps many snapshots of a database in one SQLite database, each version
// of a chunk once: a night costs what changed since the night before.
//
//	save     newest manifest --> live.Export on that base --> rows of chunks that differ --> store
//	rows     store --> rows of any snapshot --> snapshot.Verifier, snapshot.Restorer
//	prune    which to keep --> those of the others that nobody sees go; their pages are used again
//
// The store is plain SQL: schema.sql has its tables, its views, and as triggers all that is
// done with them. The SQL surface prints it as vx_snapshot_store_schema(), so that the
// sqlite3 shell, or any other program that has SQLite, uses a store as this package does,
// and beside it. The package adds a connection with the right settings, the checks of
// packages snapshot and live, and speed.
//
// What is saved has chunks of 4 KiB, a page of most databases, if nothing else is asked
// for: so a page that changed costs itself. A version of a chunk has a row in table
// data, which is only appended to and deleted from, and one in table chunk, which says from
// which snapshot on it stands and from which on no longer. The pages of a store have 2 KiB:
// two of them and a bit hold a chunk of 4 KiB.
//
// store.go opens and closes, save.go and writer.go save, transaction.go waits, list.go lists, rows.go reads, verifies and
// restores, prune.go drops, check.go looks for damage, progress.go tells how far it is, errors.go has the errors. Read
// schema.sql next.
package store
