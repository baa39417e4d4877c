// Backs up a live database, with its index files, in three ways: into a file, into
// a table of another database, and as a stream; checks, restores and searches the
// backups, and shows what an error looks like.
//
//     node backup.js VXSNAP VECTORLITE LIVE.DB DIRECTORY
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const { pipeline } = require("node:stream/promises");
const { Worker, isMainThread, workerData } = require("node:worker_threads");
const Database = require("better-sqlite3");

const COLUMNS = "seq, file_name, offset, data, is_last, metadata_json";

function connect(path, ...extensions) {
  const db = new Database(path, { fileMustExist: true }); // mistyped, it would be a new database
  for (const extension of extensions) db.loadExtension(extension);
  return db;
}

// Saves a snapshot of live in a new file: NAME.tar, or compressed as NAME.tar.zst.
function save(live, path) {
  return JSON.parse(live.prepare("SELECT vx_snapshot_save(?)").pluck().get(path));
}

// Says "ok", or the first thing that is wrong with a saved file.
function verify(db, path) {
  return db.prepare(`SELECT vx_snapshot_verify(${COLUMNS}) FROM vx_snapshot_read(?)`).pluck().get(path);
}

// Restores a saved file into a new directory.
function restore(db, path, directory) {
  return JSON.parse(db.prepare(`SELECT vx_snapshot_restore(?, ${COLUMNS}) FROM vx_snapshot_read(?)`).pluck().get(directory, path));
}

// Stores the rows of a snapshot of live in a new database at path; returns the
// snapshot's size in bytes. progress is called at each tenth of them.
function storeRows(live, path, progress = () => {}) {
  const store = new Database(path);
  // The types matter: better-sqlite3 binds numbers as REAL.
  store.exec("CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT)");
  const insert = store.prepare("INSERT INTO snap VALUES (?, ?, ?, ?, ?, ?)");
  let done = 0, total = 0;
  store.exec("BEGIN");
  for (const row of live.prepare(`SELECT ${COLUMNS} FROM vx_snapshot_chunks(65536)`).raw().iterate()) {
    insert.run(row);
    const [seq, , , data, , json] = row;
    if (seq === 0) total = JSON.parse(json).total_size; // the metadata row, the first
    const tenths = Math.floor(10 * done / total);
    done += data === null ? 0 : data.length;
    if (Math.floor(10 * done / total) > tenths) progress(done, total);
  }
  store.exec("COMMIT");
  store.close();
  return total;
}

// Gives a snapshot of live as the bytes of a tar file, 64 KiB at a time.
function stream(live) {
  return live.prepare("SELECT data FROM vx_snapshot_tar(65536)").pluck().iterate();
}

function percent(done, total) {
  process.stderr.write(`\r${Math.floor(100 * done / total)} %`);
}

function nearest(db) {
  return db.prepare(
    "SELECT rowid FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 5))",
  ).pluck().all();
}

async function main(vxsnap, vectorlite, database, directory) {
  const start = Date.now();

  // A new vector is in the memory of its connection until that flushes. What exec
  // runs is finalized at once, and leaves nothing beside which a flush is refused.
  let live = connect(database, vxsnap, vectorlite);
  const flush = () => live.prepare("SELECT vx_snapshot_flush()").pluck().get();
  live.exec("CREATE TEMP TABLE parameters(id INTEGER, v TEXT)");
  live.prepare("INSERT INTO parameters VALUES (?, ?)").run(2002n, "[8, 7, 6, 5, 4, 3, 2, 1]");
  live.exec("INSERT INTO docs_vec(rowid, v) SELECT id, vector_from_json(v) FROM parameters");
  assert.strictEqual(flush(), 1);

  // A prepared statement lives until it is collected. close() writes the vectors
  // too, and then nobody holds what is not in the files.
  live.prepare("INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))").run(2001n, "[1, 2, 3, 4, 5, 6, 7, 8]");
  assert.throws(flush, { code: "SQLITE_MISUSE", message: /the prepared statement 'INSERT INTO docs_vec/ });
  live.close();
  live = connect(database, vxsnap, vectorlite);

  // Into a file.
  const file = directory + "/backup.tar.zst";
  const saved = save(live, file);
  assert.strictEqual(saved.size, fs.statSync(file).size);
  assert.strictEqual(verify(live, file), "ok");
  restore(live, file, directory + "/from-file");
  assert.throws(() => save(live, file), { code: "SQLITE_CANTOPEN",
    message: `vx_snapshot_save: file '${file}' exists, and is not replaced; name another, or remove it first` });

  // Into a table.
  const size = storeRows(live, directory + "/backup.db", percent);
  process.stderr.write("\n");
  assert.strictEqual(size, saved.total_size);
  const store = connect(directory + "/backup.db", vxsnap);
  const verifyRows = store.prepare(`SELECT vx_snapshot_verify(${COLUMNS}) FROM snap`).pluck();
  const restoreRows = store.prepare(`SELECT vx_snapshot_restore(?, ${COLUMNS}) FROM snap`).pluck();
  assert.strictEqual(verifyRows.get(), "ok");
  restoreRows.get(directory + "/restored");
  const restored = connect(directory + "/restored/database.db", vectorlite);
  const found = nearest(restored);
  assert.ok(found.length === 5 && found[0] === 2001, found);
  assert.deepStrictEqual(found, nearest(live));
  restored.close();

  // As a stream, here into a file; pipeline waits where the other end is slow.
  await pipeline(stream(live), fs.createWriteStream(directory + "/stream.tar"));
  assert.strictEqual(verify(live, directory + "/stream.tar"), "ok");

  // Damage is text for verify, and an exception for restore.
  store.exec("UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536");
  const verdict = verifyRows.get();
  assert.match(verdict, /^database\.db: checksum mismatch: /);
  assert.throws(() => restoreRows.get(directory + "/damaged"),
    { code: "SQLITE_CORRUPT_VTAB", message: "vx_snapshot_restore: " + verdict });
  assert.throws(() => live.prepare("SELECT * FROM vx_snapshot_chunks('abc')").get(),
    { code: "SQLITE_MISUSE", message: "vx_snapshot_chunks: chunk_size must be an integer from 512 to 268435456, got 'abc'" });

  // Four workers, each with a connection of its own. live is open, so that only
  // 'disk' takes the files; it has inserted nothing since they were written.
  await Promise.all([1, 2, 3, 4].map(() => new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: { vxsnap, database } });
    worker.once("error", reject);
    worker.once("exit", (code) => code === 0 ? resolve() : reject(new Error(`worker: exit code ${code}`)));
  })));
  console.log(`done, ${size} bytes, ${((Date.now() - start) / 1000).toFixed(2)} s`);
}

if (isMainThread) {
  main(...process.argv.slice(2));
} else {
  const query = `SELECT vx_snapshot_verify(${COLUMNS}) FROM vx_snapshot_chunks(4096, 'main', 'disk')`;
  const db = connect(workerData.database, workerData.vxsnap);
  assert.strictEqual(db.prepare(query).pluck().get(), "ok");
  db.close();
}
