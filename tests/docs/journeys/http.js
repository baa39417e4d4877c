// A Node.js service that gives a snapshot as the body of an HTTP response. A client receives it,
// verifies and restores it; another goes away half-way, and the next one is served.
//
// Runs in a new folder, with the packages vxsnap and better-sqlite3.
"use strict";
const assert = require("node:assert");
const { once } = require("node:events");
const fs = require("node:fs");
const http = require("node:http");
const { pipeline } = require("node:stream/promises");
const Database = require("better-sqlite3");
const vxsnap = require("vxsnap");

const made = new Database("app.db");
made.exec("CREATE TABLE t AS SELECT randomblob(16000000) AS a");
made.close();

// The service. The error of a client that went away is of no interest to others.
const server = http.createServer(async (request, response) => {
  const db = vxsnap.connect("app.db", Database); // one for each response
  try {
    response.setHeader("Content-Type", "application/zstd");
    await pipeline(vxsnap.stream(db, { compression: "zstd" }), response); // no more is made than is taken
    server.emit("sent", "whole");
  } catch (error) {
    server.emit("sent", error.code);
  } finally {
    db.close();
  }
});

// Whether a writer can commit now, which with a rollback journal needs that nobody reads.
function committed() {
  const db = new Database("app.db", { timeout: 0 });
  try {
    db.exec("INSERT INTO t VALUES (1)");
    return true;
  } catch (error) {
    assert.strictEqual(error.code, "SQLITE_BUSY");
    return false;
  } finally {
    db.close();
  }
}

async function get() {
  const [response] = await once(http.get({ host: "127.0.0.1", port: server.address().port, agent: false }), "response");
  assert.strictEqual(response.statusCode, 200);
  return response;
}

async function receive(name) {
  const sent = once(server, "sent");
  await pipeline(await get(), fs.createWriteStream(`${name}.tar.zst`));
  assert.deepStrictEqual(await sent, ["whole"]);
  const db = new Database(":memory:"); // as on another machine
  vxsnap.load(db);
  assert.strictEqual(vxsnap.verify(db, `${name}.tar.zst`), "ok");
  vxsnap.restore(db, `${name}.tar.zst`, name);
  assert.ok(fs.readFileSync(`${name}/database.db`).equals(fs.readFileSync("app.db")), `${name} is not the live database`);
  console.log(`a client received ${fs.statSync(`${name}.tar.zst`).size} bytes, which are verified and restored`);
}

async function goAway() {
  const sent = once(server, "sent"), response = await get();
  await once(response, "readable"); // and then takes nothing
  assert.ok(!committed(), "a client that takes nothing does not hold the snapshot up");
  response.destroy();
  assert.deepStrictEqual(await sent, ["ERR_STREAM_PREMATURE_CLOSE"]);
  assert.ok(committed(), "a client that has gone away keeps the database locked");
  console.log("a client went away half-way: its snapshot ended, and a writer can commit");
}

(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await receive("first");
  await goAway();
  await receive("second");
  server.close();
  console.log("ok");
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
