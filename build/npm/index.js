"use strict";
const { Readable } = require("node:stream");
const { COLUMNS, aggregate, areRows, integer } = require("./aggregate.js");
const { counter } = require("./counter.js");
const { connect, getLoadablePath, load, text } = require("./load.js");
const { Store } = require("./store.js");

// Yields the rows of one snapshot of db. The moment that it shows lasts until the
// iterator is at its end or returns. progress is called when a row has been used:
// before the next one is made. With a base come only the rows of chunks that it has not.
function* snapshot(db, { chunkSize, schema, indexFiles, compression, base, progress } = {}) {
  const args = [integer(chunkSize), schema, indexFiles, compression, base];
  yield* select(db, "vx_snapshot_chunks(?, ?, ?, ?, ?)", args, progress);
}

// The digests of all chunks of rows, in any order, or of the files of a restored
// directory as they are: a base for snapshot.
function manifest(db, rowsOrDirectory, { chunkSize } = {}) {
  if (!areRows(rowsOrDirectory)) {
    const args = [text(rowsOrDirectory), integer(chunkSize ?? 65536)];
    return buffer(db.prepare("SELECT vx_snapshot_manifest(?, ?) AS result").get(...args).result);
  }
  if (chunkSize !== undefined) throw new TypeError("chunkSize is of a directory; rows have the one that they were made with");
  return buffer(aggregate(db, "vx_snapshot_manifest({})", [], rowsOrDirectory));
}

// Saves one snapshot as a file that does not exist yet, whose name ends with .tar or
// .tar.zst, and says what was written.
function save(db, path, { schema, indexFiles } = {}) {
  const query = "SELECT vx_snapshot_save(?, ?, ?) AS result";
  return JSON.parse(db.prepare(query).get(...bound([text(path), schema, indexFiles])).result);
}

// Yields the rows of a saved file, or of the reading end of a pipe.
function* read(db, path, { progress } = {}) {
  yield* select(db, "vx_snapshot_read(?)", [text(path)], progress);
}

// Yields what save would write, in Buffers of chunkSize bytes of which the last may be
// shorter. The next one is made when it is asked for.
function* tar(db, { chunkSize, schema, indexFiles, compression } = {}) {
  const args = bound([integer(chunkSize), schema, indexFiles, compression]);
  for (const { data } of db.prepare("SELECT data FROM vx_snapshot_tar(?, ?, ?, ?)").iterate(...args)) {
    yield buffer(data);
  }
}

// The same as a byte stream, which makes no more than its reader takes.
function stream(db, options) {
  return Readable.from(tar(db, options), { objectMode: false });
}

// Says "ok", or the first thing that is wrong with the rows, in any order, or with those
// of a saved file. baseDirectory has what rows that were made with a base have not.
function verify(db, rowsOrPath, { progress, baseDirectory } = {}) {
  return aggregate(db, "vx_snapshot_verify({}, ?)", [text(baseDirectory)], rowsOrPath, progress);
}

// Restores rows, in any order, or a saved file into a directory that does not exist yet
// or is empty, and says what was written. After the last row come checks and syncs,
// which progress does not show.
function restore(db, rowsOrPath, directory, { progress, baseDirectory } = {}) {
  const args = [text(directory), text(baseDirectory)];
  return JSON.parse(aggregate(db, "vx_snapshot_restore(?, {}, ?)", args, rowsOrPath, progress));
}

// Has vectorlite write the indexes that a connection has in memory, and says how many.
function flush(db) {
  return Number(db.prepare("SELECT vx_snapshot_flush() AS result").get().result);
}

// Has the tables of a database that was moved with its index files name those beside it,
// and says how many tables it changed.
function relocate(db) {
  return Number(db.prepare("SELECT vx_snapshot_relocate() AS result").get().result);
}

function* select(db, table, args, progress) {
  const count = counter(progress);
  for (const row of db.prepare(`SELECT ${COLUMNS} FROM ${table}`).iterate(...bound(args))) {
    yield row;
    count(row.seq, row.file_name, row.offset, row.data, row.metadata_json);
  }
}

// What is left out is NULL, for which the function has a word.
const bound = (args) => args.map((value) => value === undefined ? null : value);

// node:sqlite gives a Uint8Array.
const buffer = (data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

module.exports = {
  Store, connect, flush, getLoadablePath, load, manifest, read, relocate, restore, save, snapshot, stream, tar, verify,
};
