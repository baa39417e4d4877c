// The installed npm package as an ES module with types calls it: for tsc --strict.
import { createWriteStream } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pipeline } from "node:stream/promises";
import BetterSqlite3 from "better-sqlite3";
import vxsnap, { Store, connect, flush, relocate, stream } from "vxsnap";
import type { Row, Snapshot } from "vxsnap";

const live: DatabaseSync = connect("app.db", DatabaseSync, { timeout: 1000 });
const other: BetterSqlite3.Database = connect(new URL("file:///app.db"), BetterSqlite3);
const written: number = flush(live) + relocate(other);
await pipeline(stream(live, { compression: "zstd" }), createWriteStream("app.tar.zst"));
for await (const piece of stream(other)) console.log(piece.length);
using store = new Store("nights.db", DatabaseSync);
const saved: Snapshot = store.save(live);
for (const row of vxsnap.snapshot(live)) console.log((row satisfies Row).seq);
console.log(written, saved.n);

// @ts-expect-error: the client is missing
connect("app.db");
// @ts-expect-error: a path is no connection
flush("app.db");
