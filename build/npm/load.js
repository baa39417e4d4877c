"use strict";
const { join } = require("node:path");

// The path of the extension, for a client's own way of loading.
function getLoadablePath() {
  return join(__dirname, "vxsnap.so");
}

// Loads the extension into a connection of better-sqlite3 or node:sqlite.
function load(db) {
  db.loadExtension(getLoadablePath());
}

module.exports = { getLoadablePath, load };
