// Package snapshot writes, checks and restores snapshots: one consistent copy
// of a SQLite database and of the vector index files that belong to it. It is
// pure Go and knows no SQLite; a database comes to it as an [io.ReaderAt].
//
// Data moves one way:
//
//	export   source --> checksum --> metadata
//	         source --> chunks   --> rows
//	verify   rows --> assembler --> report
//	restore  rows --> assembler --> staging directory --> checksums --> fsync --> rename
//
// A [Source] is one file as it is read; package live makes them. [Open] reads
// every source once for its checksum and returns a [Stream], which reads them
// again as rows. A [Verifier] and a [Restorer] take the rows in any order; the
// assembler that they share enforces the row protocol in one place. What an index
// file must look like, and how a schema names it, a [Checker] and a [Relocator]
// say, which both require. A [TarWriter] makes one file of the rows, which
// [ReadTar] turns into rows again.
//
// The constants of the format stand in format.go, the record of a snapshot in
// metadata.go, the arithmetic of its rows in layout.go. Read export.go next.
package snapshot
