"use strict";
const path = require("node:path");

const NAMES = ["seq", "file_name", "offset", "data", "is_last", "metadata_json"];
const COLUMNS = NAMES.join(", ");

// The path of the extension, for a client's own way of loading.
function getLoadablePath() {
  return path.join(__dirname, "vxsnap.so");
}

// Loads the extension into a connection of better-sqlite3 or node:sqlite.
function load(db) {
  db.loadExtension(getLoadablePath());
}

// Yields the rows of one snapshot of db. The moment that it shows lasts until the
// iterator is at its end or returns. progress is called when a row has been used:
// before the next one is made.
function* snapshot(db, { chunkSize = 65536, schema = "main", indexFiles = "auto", progress } = {}) {
  const count = counter(progress);
  // A number would be bound as REAL.
  for (const row of db.prepare(`SELECT ${COLUMNS} FROM vx_snapshot_chunks(?, ?, ?)`).iterate(BigInt(chunkSize), schema, indexFiles)) {
    yield row;
    count(row);
  }
}

// Says "ok", or the first thing that is wrong with the rows, in any order.
function verify(db, rows, { progress } = {}) {
  return over(db, rows, "vx_snapshot_verify(", [], progress);
}

// Restores rows, in any order, into a directory that does not exist yet or is empty,
// and says what was written. After the last row come checks and syncs, which progress
// does not show.
function restore(db, rows, directory, { progress } = {}) {
  return JSON.parse(over(db, rows, "vx_snapshot_restore(?, ", [directory], progress));
}

function counter(progress) {
  let done = 0, total = 0;
  return (row) => {
    if (row.metadata_json !== null && Number(row.seq) === 0) total = JSON.parse(row.metadata_json).total_size;
    if (!row.data || row.data.length === 0) return;
    done += row.data.length;
    if (progress) progress(done, total);
  };
}

// An aggregate takes rows from a query, not from an iterator: the query asks for one
// row after the other, and nothing is kept.
function over(db, rows, aggregate, args, progress) {
  const iterator = rows[Symbol.iterator](), count = counter(progress);
  let row = null, ended = false;
  db.function("vxsnap_next", () => {
    if (row !== null) count(row);
    const next = iterator.next();
    ended = next.done;
    row = ended ? null : next.value;
    return ended ? 0n : 1n;
  });
  db.function("vxsnap_column", (i) => {
    const value = row[NAMES[Number(i)]];
    return typeof value === "number" ? BigInt(value) : value; // a number would be REAL
  });
  const columns = NAMES.map((_, i) => `vxsnap_column(${i})`).join(", ");
  try {
    return db.prepare(`
      WITH RECURSIVE snap(${COLUMNS}) AS (
        SELECT ${columns} WHERE vxsnap_next() UNION ALL SELECT ${columns} FROM snap WHERE vxsnap_next())
      SELECT ${aggregate}${COLUMNS}) AS result FROM snap`).get(...args).result;
  } finally {
    if (!ended && iterator.return) iterator.return();
  }
}

module.exports = { getLoadablePath, load, restore, snapshot, verify };
