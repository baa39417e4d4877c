// The installed npm package: a file that is saved, read, verified and restored.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const { pathToFileURL } = require("node:url");
const { connect, failure, vxsnap } = require("./client.js");

const live = connect("saved.db"), db = connect(":memory:");
live.exec("CREATE TABLE t AS SELECT randomblob(3000000) AS a, zeroblob(3000000) AS b");
const same = (name) => fs.readFileSync(name).equals(fs.readFileSync("saved.db"));

// A call throws this, and leaves nothing behind.
const refused = (error, call) => {
  const before = fs.readdirSync(".");
  assert.throws(call, error);
  assert.deepStrictEqual(fs.readdirSync("."), before);
};

// Both kinds of file, by name and as a URL.
for (const path of ["plain.tar", pathToFileURL("packed.tar.zst")]) {
  const name = path === "plain.tar" ? path : "packed.tar.zst";
  const report = vxsnap.save(live, path), total = fs.statSync("saved.db").size;
  assert.strictEqual(report.path, fs.realpathSync(name));
  assert.strictEqual(report.size, fs.statSync(name).size);
  assert.deepStrictEqual([report.total_size, report.files], [total, [{ file_name: "database.db", file_size: total }]]);
  assert.strictEqual(vxsnap.verify(db, path), "ok");
  assert.strictEqual(vxsnap.verify(db, vxsnap.read(live, path)), "ok");
  const [first] = vxsnap.read(db, path);
  assert.ok(first.metadata_json.includes(report.snapshot_id));

  // Progress of a path: the bytes of the files so far and in all, row by row.
  const want = Array.from({ length: Math.ceil(total / 65536) }, (_, i) => [Math.min(65536 * (i + 1), total), total]);
  for (const work of [
    (progress) => vxsnap.verify(db, path, { progress }),
    (progress) => [...vxsnap.read(db, path, { progress })],
    (progress) => vxsnap.restore(db, path, pathToFileURL(`${name}-progress`), { progress }),
  ]) {
    const seen = [];
    work((done, total) => seen.push([done, total]));
    assert.deepStrictEqual(seen, want);
  }
  assert.ok(same(`${name}-progress/database.db`));
  assert.strictEqual(vxsnap.restore(db, path, `${name}-restored`).files[0].file_size, total);
  assert.ok(same(`${name}-restored/database.db`));
}
assert.ok(fs.statSync("packed.tar.zst").size < fs.statSync("plain.tar").size * 2 / 3);
assert.strictEqual(vxsnap.save(live, "named.tar", { schema: "main", indexFiles: "none" }).files.length, 1);

// A progress function that throws ends the work.
const progress = (done, total) => { if (done > total / 2) throw new RangeError("enough"); };
const enough = { name: "RangeError", message: "enough" };
refused(enough, () => vxsnap.verify(db, "plain.tar", { progress }));
refused(enough, () => vxsnap.restore(db, "plain.tar", "ended", { progress }));
refused(enough, () => [...vxsnap.read(db, "packed.tar.zst", { progress })]);

// The file is closed with the iterator. vxsnap reads it in a thread that has a table of
// descriptors of its own.
const list = (folder, use) => {
  try {
    return use(folder);
  } catch {
    return []; // it is gone
  }
};
const opened = () => fs.readdirSync("/proc/self/task").map((task) => `/proc/self/task/${task}/fd`)
  .flatMap((folder) => list(folder, fs.readdirSync).map((fd) => `${folder}/${fd}`)).flatMap((fd) => list(fd, fs.readlinkSync));
const descriptors = () => new Set(opened().filter((name) => name.includes("packed.tar.zst"))).size;
for (const row of vxsnap.read(db, "packed.tar.zst")) {
  assert.strictEqual(descriptors(), 1);
  if (Number(row.seq) === 2) break;
}
assert.strictEqual(descriptors(), 0);

// What is damaged: a byte within, the end, and all of it.
const plain = fs.readFileSync("plain.tar"), flipped = Buffer.from(plain);
flipped[Math.floor(plain.length * 3 / 4)] ^= 1;
fs.writeFileSync("flipped.tar", flipped);
fs.writeFileSync("short.tar", plain.subarray(0, plain.length / 2));
fs.writeFileSync("short.tar.zst", fs.readFileSync("packed.tar.zst").subarray(0, -1000));
fs.writeFileSync("none.tar", "no tar stream".repeat(1000));
const mismatch = /database\.db: checksum mismatch: /;
assert.match(vxsnap.verify(db, "flipped.tar"), mismatch);
assert.match(vxsnap.verify(db, "flipped.tar", { progress() {} }), mismatch);
refused(failure("SQLITE_CORRUPT_VTAB", mismatch), () => vxsnap.restore(db, "flipped.tar", "damaged"));
for (const [name, text] of [
  ["short.tar", /'short\.tar': incomplete: /], ["short.tar.zst", /'short\.tar\.zst': /], ["none.tar", /there is no entry of a tar stream/],
]) {
  for (const options of [{}, { progress() {} }]) {
    refused(failure("SQLITE_CORRUPT_VTAB", text), () => vxsnap.verify(db, name, options));
    refused(failure("SQLITE_CORRUPT_VTAB", text), () => vxsnap.restore(db, name, "damaged", options));
    refused(failure("SQLITE_CORRUPT_VTAB", text), () => [...vxsnap.read(db, name, options)]);
  }
}

// What SQL says of other arguments.
refused(failure("SQLITE_CANTOPEN", /exists, and is not replaced/), () => vxsnap.save(live, "plain.tar"));
assert.ok(fs.readFileSync("plain.tar").equals(plain));
refused(failure("SQLITE_CANTOPEN", /no such file or directory/), () => vxsnap.verify(db, "no.tar"));
for (const [text, call] of [
  ["vx_snapshot_save: path must be TEXT, the name of a file, got 5.0", () => vxsnap.save(live, 5)],
  ["vx_snapshot_save: path must be TEXT, the name of a file, got NULL", () => vxsnap.save(live)],
  ["vx_snapshot_save: path 'backup.zip' must end with .tar or .tar.zst, which says how it is written", () => vxsnap.save(live, "backup.zip")],
  ["vx_snapshot_save: index_files must be 'auto', 'disk' or 'none', got 'all'", () => vxsnap.save(live, "x.tar", { indexFiles: "all" })],
  ["vx_snapshot_read: path must be TEXT, the name of a file, got x'61'", () => vxsnap.verify(db, Buffer.from("a"))],
  ["vx_snapshot_read: path must be TEXT, the name of a file, got 5.0", () => vxsnap.restore(db, 5, "damaged")],
  ["vx_snapshot_read: path must be TEXT, the name of a file, got NULL", () => [...vxsnap.read(db)]],
  ["vx_snapshot_read: path must be TEXT, the name of a file, got NULL", () => vxsnap.verify(db, undefined)],
  ["vx_snapshot_restore: directory must be TEXT, got NULL", () => vxsnap.restore(db, "plain.tar")],
  ["vx_snapshot_tar: chunk_size must be an integer from 512 to 268435456, got 'many'", () => [...vxsnap.tar(live, { chunkSize: "many" })]],
  ["vx_snapshot_tar: chunk_size must be an integer from 512 to 268435456, got 1.5", () => [...vxsnap.tar(live, { chunkSize: 1.5 })]],
  ["vx_snapshot_tar: compression must be 'zstd', or NULL for none, got 'gzip'", () => [...vxsnap.tar(live, { compression: "gzip" })]],
  ["vx_snapshot_chunks: compression must be 'zstd', or NULL for none, got 5.0", () => [...vxsnap.snapshot(live, { compression: 5 })]],
]) refused(failure("SQLITE_MISUSE", text), call);
