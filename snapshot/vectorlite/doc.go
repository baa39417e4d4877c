// Package vectorlite reads and rewrites the declarations of vectorlite's tables,
// as sqlite_schema keeps them, and holds index files against them.
//
// ddl.go reads a declaration, over the tokens of scan.go; vectors.go reads the
// size of its vectors, and check.go holds an index file against what a snapshot
// says of it. path.go lets a declaration name another file; relocation.go does that
// for the schema of a restored database, and relocate_sql.go in one, over
// database/sql. Read ddl.go next.
package vectorlite
