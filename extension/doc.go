// Package extension is vxsnap's SQL surface: it decodes arguments, calls
// packages live and snapshot, and encodes rows.
//
// Loaded into a connection, it registers
//
//	vx_snapshot_save(path, schema, index_files)           JSON: takes a snapshot as a file
//	vx_snapshot_read(path)                                table: the rows of such a file
//	    seq, file_name, offset, data, is_last, metadata_json
//	vx_snapshot_tar(chunk_size, schema, index_files, compression)
//	    seq, data                                         table: takes one as bytes of such a file
//	vx_snapshot_chunks(chunk_size, schema, index_files, compression, base)
//	    seq, file_name, offset, data, is_last, metadata_json
//	                                                      table: takes a snapshot as rows
//	vx_snapshot_files(schema)                             table: what one would contain
//	    file_name, file_type, path, file_size, state, detail
//	vx_snapshot_pin(schema, index_files)                  table: holds a moment while it is open
//	    schema, page_size, pages, way
//	vx_snapshot_verify(seq, file_name, offset, data, is_last, metadata_json, base_directory)
//	                                                      aggregate: 'ok', or what is wrong
//	vx_snapshot_restore(directory, seq, file_name, offset, data, is_last, metadata_json, base_directory)
//	                                                      aggregate: JSON of what was restored
//	vx_snapshot_manifest(seq, file_name, offset, data, is_last, metadata_json)
//	                                                      aggregate: BLOB, a base for chunks
//	vx_snapshot_manifest(directory, chunk_size)           the same of a directory's files
//	vx_snapshot_store_schema()                            SQL that makes a store of many snapshots
//	vx_snapshot_flush()                                   files that vectorlite wrote
//	vx_snapshot_relocate()                                tables that name another file now
//	vx_snapshot_version(), vx_snapshot_debug()            text
//
// All parameters of tables but path are optional, and so are base_directory and the chunk_size of
// a manifest. Everything is SQLITE_DIRECTONLY:
// the schema of a database file cannot call it.
//
// A Go program that links SQLite in, such as one that uses
// github.com/mattn/go-sqlite3, calls [Auto] once and needs no shared library.
//
// chunks.go, save.go, read.go, tar.go, files.go, pins.go, verify.go, restore.go,
// manifest.go, flush.go, store.go and version.go have a function each (manifest.go, flush.go and
// version.go two); what they do is in packages live, store and snapshot. args.go, basearg.go and
// row.go decode, errors.go finds the code and the sentence of
// an error. table.go, cursor.go and function.go are the border to go.riyazali.net/sqlite: every
// callback that SQLite can reach is there, and recovers. register.go is what SQLite
// calls when it loads the extension, with poller.go before anything else and a
// surface (surface.go) for the connection; auto.go is Auto. Read chunks.go next.
package extension
