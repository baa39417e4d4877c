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

use(new BetterSqlite3(":memory:"));
use(new DatabaseSync(":memory:", { allowExtension: true }));
