// Package vectorlite reads and rewrites the declarations of vectorlite's tables,
// as sqlite_schema keeps them, and holds index files against them.
//
// ddl.go reads a declaration, over the tokens of scan.go; check.go holds an index
// file against what a snapshot says of it; relocation.go lets a declaration name
// another file, and relocate_sql.go does so in a database, over database/sql. Read
// ddl.go next.
package vectorlite
