// The installed npm package: a tar stream into programs and an HTTP response, whole and broken off.
"use strict";
const assert = require("node:assert");
const { execFileSync, spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const http = require("node:http");
const { Readable, Writable } = require("node:stream");
const { pipeline } = require("node:stream/promises");
const { client, connect, vxsnap } = require("./client.js");

const live = connect("stream.db"), db = connect(":memory:"), writer = connect("stream.db");
live.exec("CREATE TABLE t AS SELECT randomblob(24000000) AS a");
writer.exec("PRAGMA busy_timeout = 0");
const same = (name) => fs.readFileSync(name).equals(fs.readFileSync("stream.db"));

// Whether a writer can commit now, which with a rollback journal needs that nobody reads.
const committed = () => {
  try {
    writer.exec("UPDATE t SET a = randomblob(24000000)");
    return true;
  } catch (error) {
    assert.strictEqual(error.message, "database is locked");
    return false;
  }
};

// Pieces have the size that was asked for, and are what save writes; tar reads them.
function whole() {
  for (const [name, compression] of [["whole.tar", null], ["whole.tar.zst", "zstd"]]) {
    const pieces = [...vxsnap.tar(live, { chunkSize: 100000, schema: "main", indexFiles: "none", compression })];
    const last = pieces.pop();
    assert.ok(pieces.every((piece) => Buffer.isBuffer(piece) && piece.length === 100000));
    assert.ok(last.length > 0 && last.length <= 100000);
    fs.writeFileSync(name, Buffer.concat([...pieces, last]));
    assert.strictEqual(vxsnap.verify(db, name), "ok");
  }
  assert.strictEqual(execFileSync("tar", ["-tf", "whole.tar"]).toString(), "metadata.json\ndatabase.db\nEND\n");
}

// Who breaks off lets the writer go on.
function brokenOff() {
  for (const rows of [
    vxsnap.tar(live), vxsnap.tar(live, { compression: "zstd" }), vxsnap.snapshot(live), vxsnap.snapshot(live, { compression: "zstd" }),
  ]) {
    assert.ok(committed(), "an iterator that was not used yet holds a moment");
    let n = 0;
    for (const _ of rows) {
      if (++n < 20) continue;
      assert.ok(!committed(), "the moment ended too early");
      break;
    }
    assert.ok(committed(), "an iterator that was broken off holds a moment");
    assert.ok(rows.next().done);
  }
  assert.match(live.prepare("SELECT vx_snapshot_debug() AS text").get().text, /held now: 0 moments, 0 blocks/);
}

// No more is made than a slow reader takes.
async function backPressure() {
  let made = 0, taken = 0;
  function* counted() {
    for (const piece of vxsnap.tar(live)) {
      made++;
      yield piece;
    }
  }
  await pipeline(Readable.from(counted()), new Writable({
    highWaterMark: 1,
    write(piece, encoding, done) {
      taken++;
      setImmediate(() => {
        assert.ok(made - taken <= 3, `${made} pieces made, ${taken} taken`);
        done();
      });
    },
  }));
  assert.ok(made === taken && made > 300, `${made} pieces made, ${taken} taken`);
}

// Pipes: into tar, which unpacks it, and into a process that verifies what comes.
async function pipes() {
  fs.mkdirSync("unpacked-by-tar");
  const tar = spawn("tar", ["-x", "-C", "unpacked-by-tar"], { stdio: ["pipe", "inherit", "inherit"] });
  const left = once(tar, "exit");
  await pipeline(Readable.from(vxsnap.tar(live)), tar.stdin);
  assert.deepStrictEqual(await left, [0, null]);
  assert.ok(same("unpacked-by-tar/database.db"));

  const script = 'const { connect, vxsnap } = require("./client.js"); console.log(vxsnap.verify(connect(":memory:"), "/dev/stdin"))';
  // A child's stdin is a socket, cat's output a pipe.
  const other = spawn("sh", ["-c", 'cat | "$0" -e "$1" verify "$2"', process.execPath, script, client], { stdio: ["pipe", "pipe", "inherit"] });
  const said = other.stdout.toArray();
  await pipeline(Readable.from(vxsnap.tar(live, { compression: "zstd" })), other.stdin);
  assert.strictEqual(Buffer.concat(await said).toString(), "ok\n");
}

// HTTP: a response of which the length is not known, whole and broken off half way.
async function response() {
  let ended;
  const server = http.createServer((request, response) => {
    const stream = Readable.from(vxsnap.tar(live));
    const closed = new Promise((resolve) => stream.once("close", resolve));
    ended = Promise.all([closed, pipeline(stream, response).then(() => "whole", () => "broken off")]);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const get = async () => (await once(http.get({ port: server.address().port, host: "127.0.0.1", agent: false }), "response"))[0];
  await pipeline(await get(), fs.createWriteStream("got.tar"));
  assert.strictEqual((await ended)[1], "whole");
  assert.strictEqual(vxsnap.verify(db, "got.tar"), "ok");
  vxsnap.restore(db, "got.tar", "got");
  assert.ok(same("got/database.db"));
  const slow = await get();
  await once(slow, "readable");
  assert.ok(!committed(), "a client that does not read did not hold the stream up");
  slow.destroy();
  assert.strictEqual((await ended)[1], "broken off");
  assert.ok(committed(), "a response that was broken off holds a moment");
  server.close();
}

(async () => {
  whole();
  brokenOff();
  await backPressure();
  await pipes();
  await response();
})();
