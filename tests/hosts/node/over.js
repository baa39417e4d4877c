// Restores a saved file over a database whose application has stopped. The files of
// before are in DB.old afterwards.
//
//     node over.js VXSNAP BACKUP.tar.zst DB
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const Database = require("better-sqlite3");

const COLUMNS = "seq, file_name, offset, data, is_last, metadata_json";
const [vxsnap, backup] = process.argv.slice(2);
const db = fs.realpathSync(process.argv[4]);
const folder = path.dirname(db), from = `${db}.new`, old = `${db}.old`;

function ask(file, options, query, ...values) {
  const connection = new Database(file, options);
  try {
    connection.loadExtension(vxsnap);
    return connection.prepare(query).pluck().all(...values);
  } finally {
    connection.close();
  }
}

// Of a process that has ended, or is somebody else's, nothing can be known.
function tried(look) {
  try { return look(); } catch { return undefined; }
}

function stop(why) {
  console.error(why);
  process.exit(1);
}

// 1. Nobody has it open. To see every process, be root or the application's user.
if (fs.existsSync(old)) stop(`${old} has the files of before an earlier restore: bring them back, or move it away`);
const { dev, ino, uid, gid, mode } = fs.statSync(db);
for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
  const open = (fd) => {
    const file = fs.statSync(`/proc/${pid}/fd/${fd}`);
    return file.dev === dev && file.ino === ino;
  };
  for (const fd of tried(() => fs.readdirSync(`/proc/${pid}/fd`)) ?? []) {
    if (tried(() => open(fd))) stop(`${db} is open in process ${pid}: stop the application first`);
  }
}

// 2. A new folder beside it. A restore checks every byte; SQLite then checks the rest.
fs.rmSync(from, { recursive: true, force: true });
ask(":memory:", {}, `SELECT vx_snapshot_restore(?, ${COLUMNS}) FROM vx_snapshot_read(?)`, from, backup);
const [checked] = ask(`${from}/database.db`, { fileMustExist: true }, "PRAGMA integrity_check");
if (checked !== "ok") stop(`${backup}: ${checked}`);

// 3. What goes: the journals first, then the index files beside it, then the database.
let indexes = [];
try {
  indexes = ask(db, { readonly: true }, "SELECT path FROM vx_snapshot_files WHERE file_type = 'hnsw_index' AND path <> ''")
    .map((file) => path.resolve(file)).filter((file) => path.dirname(file) === folder);
} catch (error) { // a damaged database cannot say
  console.error(`${db}: ${error.message}: its index files stay where they are`);
}
const come = fs.readdirSync(from).filter((name) => name !== "database.db");
for (const name of come) {
  const file = path.join(folder, name);
  if (fs.existsSync(file) && !indexes.includes(file)) stop(`${file} is there, and no index file of ${db}: move it away`);
}
for (const name of fs.readdirSync(from)) {
  fs.chownSync(path.join(from, name), uid, gid);
  fs.chmodSync(path.join(from, name), mode & 0o777);
}
fs.mkdirSync(old);
for (const file of [`${db}-journal`, `${db}-wal`, `${db}-shm`, ...indexes, db]) {
  if (fs.existsSync(file)) fs.renameSync(file, path.join(old, path.basename(file)));
}

// 4. What comes, and 5. its tables name the index files beside it.
for (const name of come) fs.renameSync(path.join(from, name), path.join(folder, name));
fs.renameSync(path.join(from, "database.db"), db);
fs.rmdirSync(from);
ask(db, { fileMustExist: true }, "SELECT vx_snapshot_relocate()");
console.log(`${db} is restored; the files of before are in ${old}`);
