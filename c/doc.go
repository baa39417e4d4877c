// Package c holds the SQLite calls that go.riyazali.net/sqlite does not wrap.
//
// It is the only room that calls C; beside it only the main package of the shared
// library, build/vxsnap, imports "C", because Go wants that of one. It decides
// nothing:
//
//	db.go       connections: open, ask, back up
//	close.go    the end of a connection; guard.c
//	stmt.go     statements; bind.go
//	interrupted.go  whether the host gives up; interrupted.c
//	file.go     a connection's own open files
//	values.go   arguments of callbacks
//	context.go  results of callbacks
//	error.go    result codes
//	block.go    memory that SQLite may keep without a copy; block.c
//	table.go    files that are read beside the process's descriptors; table.c
//	guard.go    the guard in front of every callback; guard.c, fork.c, memory.c,
//	            entry.c
//	auto.go     programs that link SQLite in; auto.c
//
// The C side of the rest is in call.c, a line for each call. vxsnap.h lists all of it
// with its owner and thread rules: read that next, then guard.c.
//
// Everything that takes a [DB], [Stmt], [File] or a context is called on the
// thread on which SQLite called the extension, and only during that call.
package c
