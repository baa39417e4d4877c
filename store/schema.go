package store

import _ "embed"

//go:embed schema.sql
var schema string

// pageSize is that of a store, in bytes; see the package comment. It comes before the first table.
const pageSize = "PRAGMA page_size = 2048;\n"

// Schema is a script that makes a store of an empty database. It is one transaction: who runs
// it stops at an error, and rolls back.
func Schema() string { return pageSize + "BEGIN IMMEDIATE;\n" + schema + "COMMIT;\n" }
