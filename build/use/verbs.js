// The installed npm package: vectors, paths of databases, byte streams, and where the extension is found.
"use strict";
const assert = require("node:assert");
const { execFileSync, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { pipeline } = require("node:stream/promises");
const { pathToFileURL } = require("node:url");
const { Database, client, connect, failure, vxsnap } = require("./client.js");

// A call throws this, and leaves nothing behind.
const refused = (error, call) => {
  const before = fs.readdirSync(".");
  assert.throws(call, error);
  assert.deepStrictEqual(fs.readdirSync("."), before);
};
const withVectors = (name) => {
  const db = vxsnap.connect(name, Database);
  db.loadExtension(process.env.VECTORLITE);
  return db;
};

// Vectors: what exec inserted can be flushed, and is in the snapshot; a statement on the table is in the way.
fs.writeFileSync("app.db", "");
const live = withVectors("app.db"), db = connect(":memory:");
live.exec(`CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT);
  CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[2], hnsw(max_elements=100), 'docs.idx');
  INSERT INTO docs VALUES (1, 'tea'), (2, 'coffee'), (3, 'stars');
  INSERT INTO docs_vec(rowid, v) VALUES (1, vector_from_json('[1, 0]')), (2, vector_from_json('[0.9, 0.1]')), (3, vector_from_json('[0, 1]'))`);
refused(failure("SQLITE_MISUSE", /run SELECT vx_snapshot_flush\(\) first/), () => vxsnap.save(live, "early.tar"));
assert.strictEqual(vxsnap.flush(live), 1);
assert.strictEqual(vxsnap.save(live, "app.tar.zst").files.length, 2);
const insert = live.prepare("INSERT INTO docs_vec(rowid, v) VALUES (4, vector_from_json('[1, 1]'))");
insert.run();
refused(failure("SQLITE_MISUSE", /the prepared statement 'INSERT INTO docs_vec/), () => vxsnap.flush(live));
live.close();

// A restored directory that is moved names its new place.
vxsnap.restore(db, "app.tar.zst", "restored");
fs.renameSync("restored", "moved");
const moved = vxsnap.connect(pathToFileURL("moved/database.db"), Database);
assert.strictEqual(vxsnap.relocate(moved), 1);
moved.close();
const search = withVectors("moved/database.db");
assert.deepStrictEqual(search.prepare(`SELECT title FROM docs_vec JOIN docs ON id = docs_vec.rowid
  WHERE knn_search(v, knn_param(vector_from_json('[1, 0.1]'), 2))`).all().map((row) => row.title), ["tea", "coffee"]);
search.close();

// A mistyped path is no new database; a path with odd letters is one.
refused({ message: /no\.db': unable to open database file; it must be there, and be a database/ }, () => vxsnap.connect("no.db", Database));
refused({ name: "TypeError", message: /Database must be the class of the client/ }, () => vxsnap.connect("app.db"));
const odd = "od d%3f?#ü.db";
connect(odd).exec("CREATE TABLE t AS SELECT randomblob(3000000) AS a");
assert.strictEqual(vxsnap.save(vxsnap.connect(odd, Database), "odd.tar").total_size, fs.statSync(odd).size);
assert.ok(fs.statSync(odd).size > 3000000);

// A byte stream makes no more than its reader takes, and lets go where that leaves.
async function streams() {
  const plain = vxsnap.connect(odd, Database);
  await pipeline(vxsnap.stream(plain), fs.createWriteStream("streamed.tar"));
  assert.strictEqual(vxsnap.verify(db, "streamed.tar"), "ok");
  assert.strictEqual(execFileSync("tar", ["-tf", "streamed.tar"]).toString(), "metadata.json\ndatabase.db\nEND\n");
  const stream = vxsnap.stream(plain, { compression: "zstd", chunkSize: 4096 }), pieces = [];
  for await (const piece of stream) {
    pieces.push(piece);
    assert.ok(Buffer.isBuffer(piece) && stream.readableLength <= stream.readableHighWaterMark + 4096, `${stream.readableLength} bytes wait`);
  }
  fs.writeFileSync("streamed.tar.zst", Buffer.concat(pieces));
  assert.strictEqual(vxsnap.verify(db, "streamed.tar.zst"), "ok");
  const writer = vxsnap.connect(odd, Database, { timeout: 0 });
  for await (const _ of vxsnap.stream(plain)) {
    assert.throws(() => writer.exec("INSERT INTO t VALUES (1)"), /database is locked/);
    break;
  }
  writer.exec("INSERT INTO t VALUES (1)");
  await assert.rejects(async () => {
    for await (const _ of vxsnap.stream(plain, { chunkSize: 5 }));
  }, failure("SQLITE_MISUSE", /chunk_size must be an integer/));
}

// Where the extension is: in the package, in a checkout, or where VXSNAP says.
function places() {
  const own = path.dirname(require.resolve("vxsnap")), checkout = path.resolve("checkout");
  const copy = (folder) => fs.cpSync(own, folder, { recursive: true, filter: (name) => !name.endsWith(".so") });
  copy("checkout/build/npm");
  copy("elsewhere");
  const said = (folder, env = {}) => {
    const script = `const vxsnap = require(${JSON.stringify(path.resolve(folder))});
      const { Database } = require("./client.js");
      console.log(vxsnap.getLoadablePath(), vxsnap.connect("app.db", Database).prepare("SELECT vx_snapshot_version() AS v").get().v);`;
    const { VXSNAP, ...rest } = process.env;
    return spawnSync(process.execPath, ["-e", script, "places", client], { env: { ...rest, ...env }, encoding: "utf8" });
  };
  const version = ` v${require("vxsnap/package.json").version}\n`;
  const missing = said("checkout/build/npm").stderr;
  assert.ok(missing.includes(`or ${checkout}/vxsnap.so', which vxsnap is`) && missing.includes("code: 'VXSNAP_NOT_FOUND'"), missing);
  assert.match(said("elsewhere").stderr, /the package has it for linux-x64 and linux-arm64; elsewhere run make in a checkout/);
  fs.copyFileSync(path.join(own, `linux-${process.arch}`, "vxsnap.so"), "checkout/vxsnap.so");
  assert.strictEqual(said("checkout/build/npm").stdout, `${checkout}/vxsnap.so${version}`);
  assert.strictEqual(said("elsewhere", { VXSNAP: "checkout/vxsnap.so" }).stdout, `${checkout}/vxsnap.so${version}`);
  assert.match(said("checkout/build/npm", { VXSNAP: "no.so" }).stderr, /no\.so', which VXSNAP names/);
}

// The same names come to an ES module.
async function modules() {
  const module = await import("vxsnap");
  for (const name of Object.keys(vxsnap)) assert.strictEqual(module[name], vxsnap[name], name);
  assert.strictEqual(module.default, vxsnap);
}

(async () => {
  await streams();
  places();
  await modules();
})();
