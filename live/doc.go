// Package live reads a live database: it gives package snapshot one consistent
// moment of a database and its index files as sources, and makes vectorlite
// write what it holds in memory.
//
// The way of a snapshot through the files: conn.go is what is known about one
// connection, export.go a snapshot that is handed out, moment.go one moment for
// database and index files, view.go which way to read the database, pin.go with
// begin.go and spool.go the two ways; pagecache.go with advice.go leaves the system's
// memory as it was, wait.go is how they wait for locks, header.go what they need no
// schema for, damaged.go the words for a database that cannot be read. hold.go keeps a
// moment, file.go that of a database by its path; database.go opens one for all that a Conn
// does (beside.go: not beside another SQLite of the process), and during.go lets a context
// end that. The other files:
//
//	index files  indexes.go (those of a schema), indexfile.go, identity.go (what
//	             changes with a file), apart.go and descriptors.go (open a stranger's path),
//	             steps.go (the operations on them, which tests replace)
//	their age    fresh.go, stale.go (what this connection holds in memory),
//	             holders.go with connections.go and processes.go (who else may)
//	flush        flush.go, declared.go (the tables), connected.go and reach.go
//	             (statements that keep one connected), exchange.go with finish.go
//	             and aside.go (the file of before, the new one, a flush that was
//	             killed), accesslist.go (what a mode does not say), interrupted.go
//	             (its error)
//	saved files  saved.go (opens one to read it), pipe.go (or a pipe)
//	increments   base.go (a directory as a base), manifestof.go (what it has)
//	what is idle idle.go (nobody has it open), idletables.go; package over restores over that
//	the rest     files.go, relocate.go (what their SQL functions do), ask.go and
//	             pragma.go (ask the connection), errors.go
//
// It speaks SQL and C of one connection, and knows no SQL functions: package
// extension is that surface. Read export.go next.
package live
