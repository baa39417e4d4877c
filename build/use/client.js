// Opens databases with the client that the first argument names, better-sqlite3 or node:sqlite.
"use strict";
const assert = require("node:assert");
const vxsnap = require("vxsnap");

const client = process.argv[2];
assert.ok(["better-sqlite3", "node:sqlite"].includes(client), client);

const Database = client === "node:sqlite" ? require("node:sqlite").DatabaseSync : require("better-sqlite3");

// A connection with vxsnap in it.
function connect(path) {
  const db = new Database(path, client === "node:sqlite" ? { allowExtension: true } : {});
  vxsnap.load(db);
  return db;
}

// An error is told by the SQLite code that it has, for assert.throws.
const codes = { SQLITE_CORRUPT_VTAB: 267, SQLITE_CANTOPEN: 14, SQLITE_MISUSE: 21,
  SQLITE_BUSY: 5, SQLITE_INTERRUPT: 9, SQLITE_CONSTRAINT_TRIGGER: 1811 };
const failure = (code, message) =>
  client === "node:sqlite" ? { code: "ERR_SQLITE_ERROR", errcode: codes[code], message } : { code, message };

module.exports = { Database, client, connect, failure, vxsnap };
