"use strict";
const { counter } = require("./counter.js");
const { text } = require("./load.js");

const NAMES = ["seq", "file_name", "offset", "data", "is_last", "metadata_json"];
const COLUMNS = NAMES.join(", ");

// Whether a value is rows, and not the name of a file.
const areRows = (value) =>
  typeof value === "object" && value !== null && Symbol.iterator in value && !ArrayBuffer.isView(value);

// The result of an aggregate over rows that JavaScript has, or over a saved file. {}
// stands for the columns in its call, and ? for args.
function aggregate(db, call, args, rowsOrPath, progress) {
  const called = call.replace("{}", COLUMNS);
  return areRows(rowsOrPath) ? iterated(db, called, args, rowsOrPath, progress) : saved(db, called, args, text(rowsOrPath), progress);
}

function saved(db, call, args, path, progress) {
  let query = `SELECT ${call} AS result FROM vx_snapshot_read(?)`;
  if (progress) {
    // A row has been used when the next one comes. The last of a file, the end row, has
    // no bytes.
    const count = counter(progress);
    let before = [-1, null, null, null, null];
    db.function("vxsnap_came", (seq, name, offset, length, json) => {
      count(...before);
      before = [seq, name, offset, { length: Number(length) }, json];
      return 1n;
    });
    query += " WHERE vxsnap_came(seq, file_name, offset, length(data), metadata_json)";
  }
  return db.prepare(query).get(...args, path).result;
}

// An aggregate takes rows from a query, not from an iterator: the query asks for one
// row after the other, and nothing is kept.
function iterated(db, call, args, rows, progress) {
  const iterator = rows[Symbol.iterator](), count = counter(progress);
  let row = null, ended = false;
  db.function("vxsnap_next", () => {
    if (row !== null) count(row.seq, row.file_name, row.offset, row.data, row.metadata_json);
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
      SELECT ${call} AS result FROM snap`).get(...args).result;
  } finally {
    if (!ended && iterator.return) iterator.return();
  }
}

// A number would be bound as REAL.
const integer = (value) => Number.isInteger(value) ? BigInt(value) : value;

module.exports = { COLUMNS, NAMES, aggregate, areRows, integer };
