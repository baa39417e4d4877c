// The installed npm package: many nights in a store, and increments on a manifest.
"use strict";
const assert = require("node:assert");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const { pathToFileURL } = require("node:url");
const { Database, client, connect, failure, vxsnap } = require("./client.js");

const live = connect("nights-of.db"), db = connect(":memory:");
live.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB);
  INSERT INTO t(b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT randomblob(200) FROM n`);
const nights = {};
const size = () => fs.statSync("nights.db").size;
const change = (n) => {
  nights[n] = fs.readFileSync("nights-of.db");
  live.exec(`UPDATE t SET b = randomblob(200) WHERE id / 200 = ${n}`);
};
const same = (name, bytes) => fs.readFileSync(name).equals(bytes);
const alone = (query) => { // by somebody else
  const other = connect("nights.db");
  other.exec(query);
  other.close();
};

// A call throws this, and leaves nothing behind.
const refused = (error, call) => {
  const before = fs.readdirSync(".");
  assert.throws(call, error);
  assert.deepStrictEqual(fs.readdirSync("."), before);
};

// A night costs what changed, of a path as of a connection.
const store = vxsnap.Store.create(pathToFileURL("nights.db"), Database);
const before = Date.now(), first = store.save("nights-of.db");
assert.deepStrictEqual([first.n, first.total_size], [1, fs.statSync("nights-of.db").size]);
assert.ok(first.created_at >= before && first.created_at <= Date.now() && first.snapshot_id.startsWith("snap_"));
const full = size();
change(1);
assert.strictEqual(store.save(live, { schema: "main", indexFiles: "none" }).n, 2);
change(2);
const opened = () => fs.readdirSync("/proc/self/fd").filter((fd) => fs.existsSync(`/proc/self/fd/${fd}`)
  && fs.readlinkSync(`/proc/self/fd/${fd}`).endsWith("/nights-of.db")).length;
const before3 = opened();
assert.strictEqual(store.save(pathToFileURL("nights-of.db")).n, 3);
assert.strictEqual(opened(), before3, "the connection of a path is left open");
assert.ok(size() - full < full / 10, `${full} became ${size()}`);
assert.deepStrictEqual(store.list().map((each) => each.n), [1, 2, 3]);
assert.deepStrictEqual(store.list()[0], first);

// Every night comes back as it was.
for (const n of [1, 2]) {
  assert.deepStrictEqual([store.verify(n), vxsnap.verify(db, store.rows(n))], ["ok", "ok"]);
  const report = store.restore(n, pathToFileURL(`night-${n}`));
  assert.deepStrictEqual([report.directory, report.snapshot_id], [fs.realpathSync(`night-${n}`), store.list()[n - 1].snapshot_id]);
  assert.ok(same(`night-${n}/database.db`, nights[n]));
  vxsnap.restore(db, store.rows(n), `rows-${n}`);
  assert.ok(same(`rows-${n}/database.db`, nights[n]));
}
assert.deepStrictEqual(store.check(), []);
const packed = vxsnap.Store.create("packed.db", Database, { chunkSize: 8192, compression: "zstd" });
packed.save(live);
const rows = [...packed.rows(1)];
assert.ok(rows[0].metadata_json.includes('"chunk_size":8192'));
assert.strictEqual(connect("packed.db").prepare("SELECT compression AS c FROM setting").get().c, "zstd");
assert.strictEqual(vxsnap.verify(db, rows), "ok");
packed[Symbol.dispose]();
packed.close();
assert.throws(() => packed.list(), /not open/);

// A save that fails leaves the store as it was, and its source free.
const kept = store.list();
refused(failure("SQLITE_MISUSE", /index_files must be 'auto', 'disk' or 'none', got 'all'/), () => store.save(live, { indexFiles: "all" }));
let left = 40;
const broken = { prepare: (query) => ({ *iterate(...args) {
  for (const row of live.prepare(query).iterate(...args.slice(0, 4), null)) {
    if (left-- === 0) throw new RangeError("in the middle");
    yield row;
  }
} }) };
refused({ name: "RangeError", message: "in the middle" }, () => store.save(broken));
assert.deepStrictEqual(store.list(), kept);
change(3);

// What is wrong with an argument.
const none = { code: "VXSNAP_NO_SNAPSHOT", message: /there is no snapshot 7 in '.*nights\.db'; list\(\) has those that there are/ };
for (const call of [() => store.verify(7), () => store.restore(7, "damaged"), () => store.drop(7), () => [...store.rows(7)]]) refused(none, call);
refused(failure("SQLITE_CONSTRAINT_TRIGGER", /each 0 or more and one at least 1/), () => store.prune());
const missing = /no\.db': unable to open database file; it must be there/;
for (const call of [() => new vxsnap.Store("no.db", Database), () => store.save("no.db")]) refused({ message: missing }, call);
refused({ code: "VXSNAP_STORE_EXISTS", message: /nights\.db' has tables already/ }, () => vxsnap.Store.create("nights.db", Database));
refused({ name: "RangeError", message: "chunkSize must be an integer from 512 to 268435456, got 511" },
  () => vxsnap.Store.create("no.db", Database, { chunkSize: 511 }));
refused({ name: "RangeError", message: 'compression must be "zstd", or null for none, got gzip' },
  () => vxsnap.Store.create("no.db", Database, { compression: "gzip" }));
refused({ name: "TypeError", message: "timeout must be an integer of milliseconds, 0 or more, got soon" },
  () => new vxsnap.Store("nights.db", Database, { timeout: "soon" }));
fs.writeFileSync("text", "text".repeat(1000));
for (const call of [() => new vxsnap.Store("text", Database), () => vxsnap.Store.create("text", Database), () => new vxsnap.Store("nights-of.db", Database)]) {
  refused({ code: "VXSNAP_NOT_STORE", message: /is not a store of version 1; make one with Store\.create/ }, call);
}

// Increments: only what the base has not, of rows and of a directory.
const whole = [...vxsnap.snapshot(live, { chunkSize: 4096 })], base = vxsnap.manifest(db, whole);
vxsnap.restore(db, whole, "base");
assert.ok(Buffer.isBuffer(base) && base.equals(vxsnap.manifest(db, [...whole].reverse())));
assert.ok(!vxsnap.manifest(db, "base").equals(vxsnap.manifest(db, pathToFileURL("base"), { chunkSize: 4096 })));
change(60);
const live60 = fs.readFileSync("nights-of.db");
for (const [made, said] of [[base, /^ok, with base snap_/], [vxsnap.manifest(db, "base", { chunkSize: 4096 }), /^ok, with base /]]) {
  const increment = [...vxsnap.snapshot(live, { base: made })];
  assert.ok(increment.length > 3 && increment.length < whole.length / 10, `${increment.length} rows`);
  assert.match(vxsnap.verify(db, increment), said);
  assert.strictEqual(vxsnap.verify(db, [...increment].reverse(), { baseDirectory: pathToFileURL("base") }), "ok");
  assert.notStrictEqual(vxsnap.verify(db, increment.filter((_, i) => i !== 2), { baseDirectory: "base" }), "ok");
  const name = `newer-${said.source.length}`;
  vxsnap.restore(db, increment, name, { baseDirectory: "base" });
  assert.ok(same(`${name}/database.db`, live60));
  const damaged = (options) => () => vxsnap.restore(db, increment, "damaged", options);
  refused(failure("SQLITE_CORRUPT_VTAB", /take an increment on vx_snapshot_manifest\(base_directory\)/), damaged({ baseDirectory: "night-2" }));
  refused(failure("SQLITE_CORRUPT_VTAB", /pass the directory that has it as the last argument, base_directory/), damaged({}));
}
refused(failure("SQLITE_MISUSE", /base has chunks of 4096 bytes, chunk_size is 8192/), () => [...vxsnap.snapshot(live, { chunkSize: 8192, base })]);
refused(failure("SQLITE_MISUSE", /directory must be TEXT, got NULL/), () => vxsnap.manifest(db));
refused({ name: "TypeError", message: /rows have the one that they were made with/ }, () => vxsnap.manifest(db, whole, { chunkSize: 4096 }));

// Processes that save at once wait for each other, and none of their nights is lost.
async function atOnce() {
  const script = `const { Database, vxsnap } = require("./client.js");
    console.log("begun");
    process.stdin.once("data", () => {
      const store = new vxsnap.Store("nights.db", Database);
      for (let i = 0; i < 4; i++) console.log(store.save("nights-of.db", { indexFiles: "disk" }).n);
      process.exit();
    });`;
  const others = [1, 2, 3].map(() => spawn(process.execPath, ["-e", script, "save", client], { stdio: ["pipe", "pipe", "inherit"] }));
  const said = others.map((other) => {
    let text = "";
    other.stdout.on("data", (data) => text += data);
    return { begun: once(other.stdout, "data"), closed: once(other, "close").then(() => text) };
  });
  await Promise.all(said.map((each) => each.begun));
  for (const other of others) other.stdin.write("go\n");
  const numbers = (await Promise.all(said.map((each) => each.closed))).flatMap((text) => text.split("\n").filter((line) => /^\d+$/.test(line)));
  const want = Array.from({ length: 12 }, (_, i) => i + 4);
  assert.deepStrictEqual(numbers.map(Number).sort((a, b) => a - b), want);
  assert.deepStrictEqual(store.list().map((each) => each.n), [1, 2, 3, ...want]);
}

atOnce().then(() => {
  const holder = connect("nights.db"), hurried = new vxsnap.Store("nights.db", Database, { timeout: 0 });
  holder.exec("BEGIN IMMEDIATE");
  const busy = failure("SQLITE_BUSY", /another connection used it for 0 ms: database is locked; try again when it has ended/);
  for (const call of [() => hurried.save(live), () => hurried.prune({ keepLast: 1 })]) refused(busy, call);
  holder.exec("ROLLBACK");
  holder.close();
  hurried.close();

  // Fewer nights: what stays is whole, and the next nights fit into the space.
  alone("UPDATE snapshot SET created_at = created_at - 86400000 * (15 - n)");
  assert.strictEqual(store.prune({ keepLast: 1, keepDaily: 3 }), 12);
  store.drop(14);
  assert.deepStrictEqual([store.list().map((each) => each.n), store.check()], [[13, 15], []]);
  const pruned = size();
  assert.strictEqual(store.save(live).n, 16);
  assert.strictEqual(size(), pruned);
  assert.strictEqual(store.prune({ keepWeekly: 1, keepMonthly: 1 }), 2);

  // Damage is told: of a chunk, of the tables.
  alone("UPDATE data SET data = zeroblob(length(data)) WHERE id = (SELECT max(id) FROM data)");
  assert.match(store.verify(16), /^database\.db: checksum mismatch: /);
  assert.deepStrictEqual(store.check(), [`snapshot 16: ${store.verify(16)}`]);
  refused(failure("SQLITE_CORRUPT_VTAB", /database\.db: checksum mismatch: /), () => store.restore(16, "damaged"));
  alone("DELETE FROM chunk WHERE id = (SELECT max(id) FROM data)");
  assert.ok(store.check().some((each) => each.startsWith("snapshot 16: there are ")));
  store.close();
});
