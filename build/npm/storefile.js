"use strict";
const { resolve } = require("node:path");
const { integer } = require("./aggregate.js");
const { failure, opened, text } = require("./load.js");

// The file of a store, open.
class StoreFile {
  #timeout;

  constructor(Database, path, timeout, made) {
    this.#timeout = timeout;
    this.db = opened(path, Database, timeout, made !== undefined);
    this.path = resolve(text(path));
    try {
      if (made) this.#make(made);
      this.settings = this.#settings();
    } catch (error) {
      this.db.close();
      throw error.message === "file is not a database" ? this.#isNone() : error;
    }
  }

  // Makes a store of a file that has nothing in it.
  #make({ chunkSize, compression }) {
    if (this.value("SELECT count(*) AS result FROM sqlite_master") > 0) {
      throw failure("VXSNAP_STORE_EXISTS", `'${this.path}' has tables already; open it with new Store(path, Database), or give another name`);
    }
    // The script is a transaction, of which the settings become a part.
    const script = this.value("SELECT vx_snapshot_store_schema() AS result");
    this.#ended(() => {
      this.db.exec(script.slice(0, script.lastIndexOf("COMMIT;")));
      this.db.prepare("UPDATE setting SET chunk_size = ?, compression = ?").run(integer(chunkSize), compression);
    });
  }

  // What a store is; and what a file does not keep. Pages that are freed are not overwritten with zeros.
  #settings() {
    this.db.exec("PRAGMA secure_delete = OFF; PRAGMA cache_size = -4000; PRAGMA synchronous = FULL");
    const columns = "name IN ('version', 'chunk_size', 'compression')";
    const isOne = this.value(`SELECT count(*) AS result FROM pragma_table_info('setting') WHERE ${columns}`) === 3
      && this.value("SELECT count(*) AS result FROM setting WHERE version = 1") === 1;
    if (!isOne) throw this.#isNone();
    return this.db.prepare("SELECT chunk_size, compression FROM setting").get();
  }

  #isNone() {
    return failure("VXSNAP_NOT_STORE", `'${this.path}' is not a store of version 1; make one with Store.create`);
  }

  // The column result of a query's first row.
  value(query, ...args) {
    return this.db.prepare(query).get(...args).result;
  }

  // Does work in a transaction in which the store does not change.
  reading(work) {
    this.db.exec("BEGIN");
    return this.#ended(() => {
      this.#wait(() => this.db.prepare("SELECT 1 FROM setting").get()); // which takes the lock
      return work();
    });
  }

  // Does work in a transaction that has the write lock from its start, so that what it
  // reads is the newest.
  writing(work) {
    this.#wait(() => this.db.exec("BEGIN IMMEDIATE"));
    return this.#ended(work);
  }

  #ended(work) {
    try {
      const result = work();
      this.#wait(() => this.db.exec("COMMIT"));
      return result;
    } finally {
      if (this.db.inTransaction ?? this.db.isTransaction) this.db.exec("ROLLBACK");
    }
  }

  #wait(statement) {
    try {
      statement();
    } catch (error) {
      if (error.message === "database is locked") {
        error.message = `store '${this.path}': another connection used it for ${this.#timeout} ms: database is locked; try again when it has ended`;
      }
      throw error;
    }
  }
}

module.exports = { StoreFile };
