"use strict";
const { join } = require("node:path");
const { COLUMNS, aggregate, text } = require("./aggregate.js");
const { counter } = require("./counter.js");

// The path of the extension, for a client's own way of loading.
function getLoadablePath() {
  return join(__dirname, "vxsnap.so");
}

// Loads the extension into a connection of better-sqlite3 or node:sqlite.
function load(db) {
  db.loadExtension(getLoadablePath());
}

// Yields the rows of one snapshot of db. The moment that it shows lasts until the
// iterator is at its end or returns. progress is called when a row has been used:
// before the next one is made.
function* snapshot(db, { chunkSize, schema, indexFiles, compression, progress } = {}) {
  const args = [integer(chunkSize), schema, indexFiles, compression];
  yield* select(db, "vx_snapshot_chunks(?, ?, ?, ?)", args, progress);
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
    yield Buffer.from(data.buffer, data.byteOffset, data.byteLength); // node:sqlite has none
  }
}

// Says "ok", or the first thing that is wrong with the rows, in any order, or with those
// of a saved file.
function verify(db, rowsOrPath, { progress } = {}) {
  return aggregate(db, "vx_snapshot_verify(", [], rowsOrPath, progress);
}

// Restores rows, in any order, or a saved file into a directory that does not exist yet
// or is empty, and says what was written. After the last row come checks and syncs,
// which progress does not show.
function restore(db, rowsOrPath, directory, { progress } = {}) {
  return JSON.parse(aggregate(db, "vx_snapshot_restore(?, ", [text(directory)], rowsOrPath, progress));
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

// A number would be bound as REAL.
const integer = (value) => Number.isInteger(value) ? BigInt(value) : value;

module.exports = { getLoadablePath, load, read, restore, save, snapshot, tar, verify };
