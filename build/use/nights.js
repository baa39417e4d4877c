// The installed npm package, as docs/node.md shows it: nights in a store, and an increment between two machines.
"use strict";
const { Database, connect, vxsnap } = require("./client.js");

const live = connect("app.db"), db = connect(":memory:");
live.exec("CREATE TABLE IF NOT EXISTS t AS SELECT randomblob(1000000) AS b");

vxsnap.Store.create("nights.db", Database).close(); // once; a store that is not there is an error later
const store = new vxsnap.Store("nights.db", Database); // with TypeScript 5.2 or Node.js 24: using store = …
store.save("app.db"); // or a connection; of the chunks, those that differ
store.prune({ keepDaily: 7, keepWeekly: 4 });
for (const night of store.list()) { // n, snapshot_id, created_at, total_size
  console.log(night.n, night.created_at, store.verify(night.n));
  store.restore(night.n, `copy-${night.n}`);
}
store.close();

const base = vxsnap.manifest(db, "copy-1", { chunkSize: 4096 }); // there: the digests, 32 bytes for each 4 KiB
const rows = vxsnap.snapshot(live, { base }); // here: what differs
vxsnap.restore(db, rows, "newer", { baseDirectory: "copy-1" }); // there; every byte is checked
