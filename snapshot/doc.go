// Package snapshot writes, checks and restores snapshots: one consistent copy
// of a SQLite database and of the vector index files that belong to it. It is
// pure Go and knows no SQLite; a database comes to it as an [io.ReaderAt].
//
// Most programs use package vxsnap at the module's root, which is this one with a few
// lines around it. Here, without cgo too, are the parts: [NewSavedReader] gives the rows of
// a saved file or stream, a Verifier and a Restorer take rows from anywhere, [Create] makes a
// file that is whole or not there, [ParseManifest] and [ManifestOf] are for increments, and
// Open makes a snapshot of any sources. An FS, a func that makes Blocks, and a func that
// says whether to go on, such as a context's Err, may be nil. [KindOf], [Pieces], [TempFile] and
// the methods of [FS] serve the other packages of this module.
//
// Data moves one way, and once:
//
//	export   source --> block --> rows, or the bytes of a tar file --> new file --> fsync --> rename
//	                      └─► pool: digests --> checksums --> end row; zstd frames
//	read     saved file --> (zstd) --> tar entries --> rows
//	verify   rows --> assembler --> block --> pool: (zstd) digests --> report
//	restore  rows --> assembler --> block --> pool: (zstd) digests, staging directory --> fsync --> rename
//
// A [Source] is one file as it is read; package live makes them. [Open] makes the
// metadata of sources and returns a [Stream], which reads a few blocks ahead of the
// rows that it hands out. A [Verifier] and a [Restorer] take the rows in any order; the
// assembler that they share enforces the row protocol in one place. What an index
// file must look like a [Checker] says, which both require, and how a schema names it
// a [Relocator], which a Restorer requires. [Stream.Tar] gives a snapshot as the bytes of one
// file, which a [NewFile] keeps; a [SavedReader] and [ReadTar] turn them into rows again.
//
// Of the format, format.go has the constants, metadata.go and endrecord.go the records
// of a snapshot, info.go what Go programs are told of one, names.go the rule of names, manifest.go what increments need, row.go a
// row, layout.go the arithmetic of rows. The other files:
//
//	export   export.go, source.go, stream.go, window.go (the blocks that are read ahead),
//	         packing.go (what they are compressed to)
//	rows     assembler.go, seqset.go (which came), rowlog.go (those that came
//	         before the metadata), tempfile.go, gather.go and gathered.go (blocks of
//	         those that come), digests.go (those that are not in order)
//	hashing  checksum.go; the goroutines are those of internal/pool
//	verify   verify.go, finish.go (are all there, and are they what the end record says),
//	         indexes.go (what is given to check and relocate indexes)
//	restore  restore.go, fileset.go (its files, of which a few are open), target.go and
//	         resolve.go (where to), staging.go (the commit, with every fsync), fs.go
//	         (the file operations), writeback_linux.go
//	changes  increment.go (what a base has not), manifestof.go and streammanifest.go (the
//	         manifests of files, of rows and of a stream), base.go (reads what has no row),
//	         clone.go and copyfrom.go (take it into a restore)
//	files    tar.go (writes a tar stream), newfile.go with renamenew.go (a file that
//	         appears when it is whole), untar.go and tarentry.go (read a tar stream),
//	         saved.go (a file), pieces.go (bytes in blocks); package zst has the compression
//	json     decode.go, scanner.go
//	errors   errors.go
//
// Read export.go next.
package snapshot
