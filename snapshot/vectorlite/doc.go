// Package vectorlite reads and rewrites the declarations of vectorlite's tables,
// as sqlite_schema keeps them, and holds index files against them.
//
// ddl.go reads a declaration, over the tokens of scan.go; relocation.go lets it
// name another file. Read ddl.go next.
package vectorlite
