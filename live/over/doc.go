// Package over restores a snapshot over a stopped application's database and index files:
// the new files get the names of the old ones, and the old ones are set aside.
//
//	rows --> snapshot.Restorer --> app.db.restoring/new/ --> plan, synced
//	app.db.restoring/ becomes app.db-journal/      from here on SQLite opens nothing
//	-wal, -shm --> index files --> database        renames, those of the plan
//	app.db-journal/ becomes app.db.before-TIME/    from here on all is new
//
// A directory where SQLite looks for a rollback journal is a barrier: whoever opens the
// database, in whatever journal mode and with whatever build of SQLite, gets an error (disk
// I/O error, or unable to open database file), and reads nothing. One rename raises it and
// one lifts it, so that an application that is started in between finds all old, all new, or
// an error, also where this process was killed or the machine lost its power. The barrier is
// the directory in which the old files are set aside, and holds the plan.
//
// A restore that fails undoes what it did. What one that was killed has left is undone by
// [Recover], which [Restore] calls first: every step of the way back looks at which names
// there are, and so may be repeated.
//
// Somebody who has the database open is refused, see live.Idle; that is asked before, when
// the barrier is up, and again before it is lifted.
//
// restore.go is the way through; place.go finds the paths of index files, prepare.go makes
// the plan of plan.go, barrier.go and move.go execute it, undo.go and recover.go take it
// back, directory.go locks it, stage.go brings a new file beside the old one, run.go is the swap,
// fs.go has the file operations. Read restore.go next.
package over
