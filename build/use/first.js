// The installed npm package, as docs/node.md begins: a backup, its check and its restore; with vectors; as a stream.
"use strict";
const fs = require("node:fs");
const { pipeline } = require("node:stream/promises");
const { Database, connect, vxsnap } = require("./client.js");

const VECTORLITE = process.env.VECTORLITE;
const made = connect("app.db");
made.loadExtension(VECTORLITE);
made.exec(`CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[2], hnsw(max_elements=100), 'docs.idx');
  INSERT INTO docs_vec(rowid, v) VALUES (1, vector_from_json('[1, 0]'))`);
made.close();

const db = vxsnap.connect("app.db", Database); // mistyped, it is an error, not a new database
vxsnap.save(db, "night.tar.zst"); // .tar is not compressed
if (vxsnap.verify(db, "night.tar.zst") !== "ok") throw new Error("the backup is damaged");
vxsnap.restore(db, "night.tar.zst", "restored"); // a new directory, complete or not at all
db.close();

const live = vxsnap.connect("app.db", Database);
live.loadExtension(VECTORLITE);
live.exec("INSERT INTO docs_vec(rowid, v) VALUES (4, vector_from_json('[1, 1]'))"); // exec leaves no statement behind
vxsnap.flush(live); // until then the new vector is in memory alone
vxsnap.save(live, "vectors.tar.zst");

async function send(response) {
  await pipeline(vxsnap.stream(live, { compression: "zstd" }), response); // no more is made than is taken
}

send(fs.createWriteStream("sent.tar.zst")).then(() => live.close());
