"use strict";
const { COLUMNS, NAMES, integer } = require("./aggregate.js");
const { connect, failure, text } = require("./load.js");
const { StoreFile } = require("./storefile.js");

const MADE = Symbol("made");
const LISTED = `SELECT n, snapshot_id, created_at, json_extract(metadata_json, '$.total_size') AS total_size FROM snapshot ORDER BY n`;

// Many snapshots in one SQLite database, each version of a chunk once. Database is the
// class of the client.
class Store {
  #Database;
  #file;
  #db;
  #closed = false;

  constructor(path, Database, { timeout = 60000, [MADE]: made } = {}) {
    this.#Database = Database;
    this.#file = new StoreFile(Database, path, timeout, made);
    this.#db = this.#file.db;
  }

  // Makes a store of a file that is not there yet, or is empty, and opens it.
  static create(path, Database, { chunkSize = 4096, compression = null, timeout } = {}) {
    if (!Number.isInteger(chunkSize) || chunkSize < 512 || chunkSize > 268435456) {
      throw new RangeError(`chunkSize must be an integer from 512 to 268435456, got ${chunkSize}`);
    }
    if (compression !== null && compression !== "zstd") throw new RangeError(`compression must be "zstd", or null for none, got ${compression}`);
    return new Store(path, Database, { timeout, [MADE]: { chunkSize, compression } });
  }

  // Saves a snapshot of a connection, or of a file on a connection of its own: the chunks
  // that differ from the newest snapshot's, in one transaction.
  save(source, { schema = null, indexFiles = null } = {}) {
    if (typeof source === "string" || source instanceof URL) {
      const own = connect(source, this.#Database);
      try {
        return this.save(own, { schema, indexFiles });
      } finally {
        own.close();
      }
    }
    return this.#file.writing(() => {
      const base = this.#db.prepare("SELECT manifest FROM newest").get()?.manifest ?? null;
      const { chunk_size: chunkSize, compression } = this.#file.settings;
      const rows = source.prepare(`SELECT ${COLUMNS}, manifest FROM vx_snapshot_chunks(?, ?, ?, ?, ?)`);
      const insert = this.#db.prepare("INSERT OR ROLLBACK INTO save VALUES (?, ?, ?, ?, ?, ?, ?)");
      for (const row of rows.iterate(integer(chunkSize), schema, indexFiles, compression, base)) {
        insert.run(...NAMES.map((name) => integer(row[name])), row.manifest);
      }
      return this.list().pop();
    });
  }

  // The snapshots, in the order in which they were saved.
  list() {
    return this.#db.prepare(LISTED).all().map((row) => ({ ...row, created_at: new Date(row.created_at) }));
  }

  // Yields the rows of snapshot n, as those of a full snapshot.
  *rows(n) {
    let isThere = false;
    for (const row of this.#db.prepare(`SELECT ${COLUMNS} FROM rows WHERE n = ?`).iterate(integer(n))) {
      isThere = true;
      yield row;
    }
    if (!isThere) throw this.#hasNot(n);
  }

  // Says "ok", or the first thing that is wrong with snapshot n.
  verify(n) {
    return this.#file.reading(() => {
      this.#mustHave(n);
      return this.#file.value(`SELECT vx_snapshot_verify(${COLUMNS}) AS result FROM rows WHERE n = ?`, integer(n));
    });
  }

  // Restores snapshot n into a directory that does not exist yet or is empty.
  restore(n, directory) {
    return this.#file.reading(() => {
      this.#mustHave(n);
      const query = `SELECT vx_snapshot_restore(?, ${COLUMNS}) AS result FROM rows WHERE n = ?`;
      return JSON.parse(this.#file.value(query, text(directory), integer(n)));
    });
  }

  // Keeps the newest ones, and the newest of each of so many days, weeks and months; says
  // how many were dropped.
  prune({ keepLast = 0, keepDaily = 0, keepWeekly = 0, keepMonthly = 0 } = {}) {
    return this.#file.writing(() => {
      const before = this.list().length;
      this.#db.prepare("INSERT INTO prune VALUES (?, ?, ?, ?)").run(...[keepLast, keepDaily, keepWeekly, keepMonthly].map(integer));
      return before - this.list().length;
    });
  }

  // Drops snapshot n, as prune does.
  drop(n) {
    this.#file.writing(() => {
      this.#mustHave(n);
      this.#db.prepare("DELETE FROM night WHERE n = ?").run(integer(n));
    });
  }

  // What is wrong with the store, a sentence each.
  check() {
    const [found, numbers] = this.#file.reading(() => [[
      ...this.#db.prepare("PRAGMA integrity_check").all().map((row) => row.integrity_check)
        .filter((text) => text !== "ok").map((text) => `the file: ${text}`),
      ...this.#db.prepare("SELECT problem FROM problem").all().map((row) => row.problem),
    ], this.list().map((each) => each.n)]);
    const verdicts = numbers.map((n) => [n, this.verify(n)]).filter(([, verdict]) => verdict !== "ok");
    return [...found, ...verdicts.map(([n, verdict]) => `snapshot ${n}: ${verdict}`)];
  }

  // Closes the store. It may be called twice.
  close() {
    if (!this.#closed) this.#db.close();
    this.#closed = true;
  }

  [Symbol.dispose ?? Symbol.for("nodejs.dispose")]() {
    this.close();
  }

  #mustHave(n) {
    if (this.#file.value("SELECT count(*) AS result FROM snapshot WHERE n = ?", integer(n)) === 0) throw this.#hasNot(n);
  }

  #hasNot(n) {
    return failure("VXSNAP_NO_SNAPSHOT", `there is no snapshot ${n} in '${this.#file.path}'; list() has those that there are`);
  }
}

module.exports = { Store };
