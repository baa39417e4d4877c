// Package c holds the SQLite calls that go.riyazali.net/sqlite does not wrap.
//
// It is the only package that talks to C, and it decides nothing: connections
// (db.go), statements (stmt.go), a connection's own open files (file.go),
// arguments and results of callbacks (context.go), memory that SQLite may keep
// without a copy (block.go), and the guard in front of every callback
// (guard.go, guard.c). vxsnap.h lists the C side with its owner and thread
// rules.
//
// Everything that takes a [DB], [Stmt], [File] or a context is called on the
// thread on which SQLite called the extension, and only during that call.
package c
