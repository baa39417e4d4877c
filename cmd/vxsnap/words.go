package main

import "strings"

// sqlWords are those of errors that were made for SQL and for Go, and what they are called
// here.
var sqlWords = strings.NewReplacer(
	"index_files = 'disk'", "--index-files disk",
	"index_files = 'none'", "--index-files none",
	"run the query again", "run the command again",
	"List has those that there are", "vxsnap list shows those that there are",
	"make one with Create, or with what vx_snapshot_store_schema() prints", "vxsnap save DB --store FILE --create makes a new one",
	"(--stopped, or Stopped in Go)", "(--stopped)",
	"(--relative-to, or RelativeTo in Go)", "(--relative-to)",
	"run SELECT vx_snapshot_relocate() there", "run vxsnap relocate there",
)

// inWords gives the text of an error in the words of the command.
func inWords(text string) string { return sqlWords.Replace(text) }
