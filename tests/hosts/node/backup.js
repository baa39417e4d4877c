// Backs up a live database, with its index files, into a file; checks the
// backup, restores it, searches it, and shows what an error looks like.
//
//     node backup.js VXSNAP VECTORLITE LIVE.DB DIRECTORY
"use strict";
const assert = require("node:assert");
const { Worker, isMainThread, workerData } = require("node:worker_threads");
const Database = require("better-sqlite3");

const COLUMNS = "seq, file_name, offset, data, is_last, metadata_json";

function connect(path, ...extensions) {
  const db = new Database(path, { fileMustExist: true }); // mistyped, it would be a new database
  for (const extension of extensions) db.loadExtension(extension);
  return db;
}

// Stores a snapshot of live in a new database at path; returns its size in bytes.
// progress is called at each tenth of them.
function backup(live, path, progress = () => {}) {
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
  const size = backup(live, directory + "/backup.db", percent);
  process.stderr.write("\n");

  const store = connect(directory + "/backup.db", vxsnap);
  const verify = store.prepare(`SELECT vx_snapshot_verify(${COLUMNS}) FROM snap`).pluck();
  const restore = store.prepare(`SELECT vx_snapshot_restore(?, ${COLUMNS}) FROM snap`).pluck();
  assert.strictEqual(verify.get(), "ok");
  restore.get(directory + "/restored");
  const restored = connect(directory + "/restored/database.db", vectorlite);
  const found = nearest(restored);
  assert.ok(found.length === 5 && found[0] === 2001, found);
  assert.deepStrictEqual(found, nearest(live));
  restored.close();

  // Damage is text for verify, and an exception for restore.
  store.exec("UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536");
  const verdict = verify.get();
  assert.match(verdict, /^database\.db: checksum mismatch: /);
  assert.throws(() => restore.get(directory + "/damaged"),
    { code: "SQLITE_CORRUPT", message: "vx_snapshot_restore: " + verdict });
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
