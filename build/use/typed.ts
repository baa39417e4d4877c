// Each function of the installed npm package as a program with types calls it: for tsc --strict.
import { Readable } from "node:stream";
import { DatabaseSync } from "node:sqlite";
import BetterSqlite3 = require("better-sqlite3");
import * as vxsnap from "vxsnap";

const show: vxsnap.Progress = (done, total) => console.log(Math.floor(100 * done / total));

function use(live: vxsnap.Database): void {
  vxsnap.load(live);
  const saved: vxsnap.Saved = vxsnap.save(live, "a.tar", { schema: "main", indexFiles: "disk" });
  const size: number = saved.size + saved.total_size + saved.files[0].file_size;
  const rows: IterableIterator<vxsnap.Row> = vxsnap.snapshot(live, {
    chunkSize: 4096, schema: "main", indexFiles: "none", compression: "zstd", progress: show,
  });
  const verdict: string = vxsnap.verify(live, rows, { progress: show }) + vxsnap.verify(live, new URL("file:///a.tar"));
  const report: vxsnap.Report = vxsnap.restore(live, "a.tar", "restored", { progress: show });
  const pieces: IterableIterator<Buffer> = vxsnap.tar(live, { chunkSize: 4096, compression: null });
  for (const row of vxsnap.read(live, "a.tar", { progress: show })) console.log(row.file_name, row.data?.length);
  console.log(size, verdict, report.directory, Readable.from(pieces), vxsnap.getLoadablePath());

  const base: Buffer = vxsnap.manifest(live, new URL("file:///restored"), { chunkSize: 4096 });
  const increment = vxsnap.snapshot(live, { base });
  vxsnap.restore(live, increment, "newer", { baseDirectory: "restored" });
  console.log(vxsnap.verify(live, [], { baseDirectory: "restored" }), vxsnap.manifest(live, rows).length);

  // @ts-expect-error: rows have a chunk size
  vxsnap.manifest(live, rows, { chunkSize: 4096 });
  // @ts-expect-error: a base is bytes
  vxsnap.snapshot(live, { base: "restored" });
  // @ts-expect-error: a path is none
  vxsnap.save(live, 5);
  // @ts-expect-error: no such compression
  vxsnap.tar(live, { compression: "gzip" });
  // @ts-expect-error: a tar stream makes no progress
  vxsnap.tar(live, { progress: show });
  // @ts-expect-error: bytes are no rows
  vxsnap.verify(live, Buffer.from("a.tar"));
  // @ts-expect-error: a directory is missing
  vxsnap.restore(live, "a.tar");
}

function nights(live: vxsnap.Database, client: vxsnap.Client): void {
  vxsnap.Store.create(new URL("file:///nights.db"), client, { chunkSize: 8192, compression: "zstd", timeout: 1000 }).close();
  using store = new vxsnap.Store("nights.db", client, { timeout: 1000 });
  const saved: vxsnap.Snapshot = store.save(live, { schema: "main", indexFiles: "disk" });
  const newest: Date | undefined = [store.save("app.db"), store.save(new URL("file:///app.db"))].pop()?.created_at;
  const verdict: string = vxsnap.verify(live, store.rows(saved.n)) + store.verify(saved.n);
  const report: vxsnap.Report = store.restore(saved.n, "restored");
  const dropped: number = store.prune({ keepLast: 1, keepDaily: 7, keepWeekly: 4, keepMonthly: 12 });
  store.drop(saved.n);
  const problems: string[] = store.check();
  console.log(newest, verdict, report, dropped, problems, store.list().length);

  // @ts-expect-error: the client is missing
  new vxsnap.Store("nights.db");
  // @ts-expect-error: no such number
  store.prune({ keepYearly: 1 });
  // @ts-expect-error: a source is none
  store.save(5);
}

nights(new BetterSqlite3(":memory:"), BetterSqlite3);
nights(new DatabaseSync(":memory:", { allowExtension: true }), DatabaseSync);
use(new BetterSqlite3(":memory:"));
use(new DatabaseSync(":memory:", { allowExtension: true }));
