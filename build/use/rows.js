// The installed npm package: rows of a live database, verified and restored.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const { connect, failure, vxsnap } = require("./client.js");

const db = connect(":memory:");
assert.strictEqual(db.prepare("SELECT vx_snapshot_version() AS v").get().v, "v" + require("vxsnap/package.json").version);
assert.ok(vxsnap.getLoadablePath().endsWith("/vxsnap.so"));

// What a progress function gets are bytes that rise to all of them.
const calls = (work) => {
  const seen = [];
  const result = work((done, total) => seen.push([done, total]));
  const total = seen[0][1];
  assert.strictEqual(seen.length, Math.ceil(total / 10000));
  seen.forEach(([done, all], i) => assert.deepStrictEqual([done, all], [Math.min((i + 1) * 10000, total), total]));
  return result;
};
const live = connect("rows.db");
live.exec("CREATE TABLE t AS SELECT zeroblob(300000) AS a");
const rows = calls((progress) => [...vxsnap.snapshot(live, { chunkSize: 10000, progress })]);
assert.strictEqual(calls((progress) => vxsnap.verify(db, rows, { progress })), "ok");
assert.strictEqual(vxsnap.verify(db, [...rows].reverse()), "ok");
assert.match(vxsnap.verify(db, rows.slice(0, -1)), /^incomplete: no end row/);
const report = calls((progress) => vxsnap.restore(db, vxsnap.snapshot(live, { chunkSize: 10000 }), "restored", { progress }));
assert.strictEqual(report.total_size, 307200);
assert.ok(fs.readFileSync("rows.db").equals(fs.readFileSync("restored/database.db")));

// Compressed rows: progress is of the bytes of the files all the same.
const packed = calls((progress) => [...vxsnap.snapshot(live, { chunkSize: 10000, compression: "zstd", progress })]);
assert.ok(packed.reduce((sum, row) => sum + (row.data?.length ?? 0), 0) < 100000, "nothing was compressed");
assert.strictEqual(calls((progress) => vxsnap.verify(db, packed, { progress })), "ok");
assert.strictEqual(vxsnap.verify(db, [...packed].reverse(), { progress() {} }), "ok");
vxsnap.restore(db, packed, "unpacked");
assert.ok(fs.readFileSync("rows.db").equals(fs.readFileSync("unpacked/database.db")));

// Damage is said, not stumbled over, where there is progress too.
for (const text of ["", "[]", '{"total_size": "x"}', '{"files": 5}', rows[0].metadata_json.replace("10000", '"x"')]) {
  const damaged = [{ ...rows[0], metadata_json: text }, ...rows.slice(1)], verdict = vxsnap.verify(db, damaged);
  assert.notStrictEqual(verdict, "ok");
  assert.strictEqual(vxsnap.verify(db, damaged, { progress() {} }), verdict);
}
assert.throws(() => vxsnap.restore(db, rows.slice(0, -1), "damaged"), failure("SQLITE_CORRUPT_VTAB", /incomplete/));
const enough = () => { throw new Error("enough"); };
assert.throws(() => vxsnap.restore(db, vxsnap.snapshot(live), "damaged", { progress: enough }), { message: "enough" });
function* broken() {
  yield rows[0];
  throw new RangeError("of rows");
}
assert.throws(() => vxsnap.verify(db, broken()), { message: "of rows" });
assert.throws(() => vxsnap.restore(db, broken(), "damaged"), { message: "of rows" });
assert.deepStrictEqual(fs.readdirSync(".").filter((name) => name.includes("damaged")), []);
live.exec("INSERT INTO t VALUES (1)"); // no snapshot is open any more
