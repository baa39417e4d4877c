"use strict";
const { statSync } = require("node:fs");
const { join, resolve } = require("node:path");
const { fileURLToPath, pathToFileURL } = require("node:url");

// A path as SQL takes it. What is none is handed on, for SQL to refuse.
const text = (path) => path instanceof URL ? fileURLToPath(path) : path ?? null;

// An error that a caller tells by its code.
const failure = (code, message) => Object.assign(new Error(message), { code });

const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

// The path of the extension, for a client's own way of loading: what the environment
// variable VXSNAP names, else the package's file for this machine, else in a checkout of
// the project the one that make built.
function getLoadablePath() {
  const named = process.env.VXSNAP;
  const own = [join(__dirname, `${process.platform}-${process.arch}`, "vxsnap.so")];
  if (__dirname.endsWith(join("build", "npm"))) own.push(resolve(__dirname, "..", "..", "vxsnap.so"));
  const places = named ? [resolve(named)] : own;
  const path = places.find(isFile);
  if (path) return path;
  throw failure("VXSNAP_NOT_FOUND", `there is no file '${places.join(" or ")}', which ${named ? "VXSNAP names" : "vxsnap is"}; the package`
    + " has it for linux-x64 and linux-arm64; elsewhere run make in a checkout, or name the file in the environment variable VXSNAP");
}

// Loads the extension into a connection of better-sqlite3 or node:sqlite.
function load(db) {
  db.loadExtension(getLoadablePath());
}

// A connection to a database that is there, with the extension in it. Database is the
// class of the client. A path that is mistyped is an error, not a new database.
function connect(path, Database, { timeout = 60000 } = {}) {
  return opened(path, Database, timeout, false);
}

// The same, which makes the file where isMade is true.
function opened(path, Database, timeout, isMade) {
  if (!Number.isInteger(timeout) || timeout < 0) {
    throw new TypeError(`timeout must be an integer of milliseconds, 0 or more, got ${timeout}`);
  }
  if (typeof Database !== "function") {
    throw new TypeError(`Database must be the class of the client, that of better-sqlite3 or DatabaseSync of node:sqlite, got ${Database}`);
  }
  const name = resolve(text(path));
  let db;
  try {
    db = typeof Database.prototype.pragma === "function" // better-sqlite3, which knows no URI
      ? new Database(name, { fileMustExist: !isMade })
      : new Database(new URL(`${pathToFileURL(name)}?mode=${isMade ? "rwc" : "rw"}`), { allowExtension: true });
  } catch (error) {
    error.message = `'${name}': ${error.message}; it must be there, and be a database`;
    throw error;
  }
  try {
    db.exec(`PRAGMA busy_timeout = ${timeout}`);
    load(db);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

module.exports = { connect, failure, getLoadablePath, load, opened, text };
