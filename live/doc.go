// Package live reads a live database: it gives package snapshot one consistent
// moment of a database and its index files as sources, and makes vectorlite
// write what it holds in memory.
//
// The way of a snapshot through the files: conn.go (what is known about one
// connection), export.go (a snapshot that is handed out), moment.go (one moment
// for database and index files), view.go (which way to read the database), pin.go
// with begin.go, and spool.go (the two ways); indexes.go with indexfile.go (the
// index files). flush.go, files.go and relocate.go do what their SQL functions
// do. It speaks SQL and C of one connection, and knows no SQL functions: package
// extension is that surface. Read export.go next.
package live
