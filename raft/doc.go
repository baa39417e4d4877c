// Package raftsnap keeps the state of a hashicorp/raft FSM in a SQLite database
// with vectorlite indexes, and hands it to other nodes.
//
// A [Store] is three quarters of an FSM: embed it, and write Apply.
//
//	type fsm struct{ *raftsnap.Store }
//
//	func (f fsm) Apply(entry *raft.Log) any {
//		return f.Store.Apply(entry, func(tx *sql.Tx) error { … })
//	}
//
// Snapshot flushes the indexes and pins the database, which takes milliseconds,
// and Persist streams that moment while Apply goes on. Restore builds the new
// state beside the old one, checks it, and swaps the two with one rename. The
// payload is the tar stream of package snapshot. The raft index of the last
// entry that was applied lies in the database, and so in the payload.
//
// The state's connections are those of github.com/mattn/go-sqlite3; vectorlite
// comes with the database/sql driver that the caller names. All methods may be
// called from several goroutines.
//
// store.go opens a Store; apply.go has Apply, snapshot.go Snapshot and Persist,
// restore.go Restore. generation.go is one state on disk with its connection,
// current.go the link that leads to the one in use. Read store.go next; docs/RAFT.md
// explains it, examples/raft is a program.
package raftsnap
