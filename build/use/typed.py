"""Each function of the installed wheel as a program with types calls it: for mypy --strict."""
import contextlib
import datetime
import os
import pathlib
import sqlite3
from typing import Any, Generator, Iterator, Optional

import vxsnap


def show(done: int, total: int) -> None:
    print(100 * done // total)


def use(live: sqlite3.Connection, entry: "os.DirEntry[str]") -> None:
    vxsnap.load(live)
    report: dict[str, Any] = vxsnap.save(live, pathlib.Path("a.tar"), schema="main", index_files="disk")
    report = vxsnap.save(live, "a.tar.zst")
    rows: Iterator[vxsnap.Row] = vxsnap.snapshot(live, 4096, "main", "none", show, "zstd")
    verdict: str = vxsnap.verify(rows, show)
    verdict = vxsnap.verify(pathlib.Path("a.tar"), progress=show)
    report = vxsnap.restore("a.tar", pathlib.Path("restored"), show)
    report = vxsnap.restore(entry, "restored")
    pieces: Generator[bytes, None, None] = vxsnap.tar(live, chunk_size=4096, compression="zstd")
    pieces.close()
    saved: Iterator[vxsnap.Row] = vxsnap.read(entry, progress=show)
    name: Optional[str] = next(saved).file_name
    progress: vxsnap.Progress = show
    print(report, verdict, name, progress, vxsnap.loadable_path())
    with contextlib.closing(vxsnap.connect(pathlib.Path("app.db"), timeout=1)) as own:
        written: int = vxsnap.flush(own) + vxsnap.relocate(own) + vxsnap.relocate("restored")
    report = vxsnap.save("app.db", "a.tar")
    rows, pieces = vxsnap.snapshot("app.db"), vxsnap.tar(pathlib.Path("app.db"))
    print(written, report, rows, pieces)
    base: bytes = vxsnap.manifest("restored", 4096) + vxsnap.manifest(pathlib.Path("restored"))
    rows = vxsnap.snapshot(live, base=vxsnap.manifest(rows))
    verdict = vxsnap.verify(rows, base_directory=pathlib.Path("restored"))
    report = vxsnap.restore(rows, "newer", base_directory="restored")
    print(base, report, verdict)
    vxsnap.save(live, 5)  # type: ignore[arg-type]
    vxsnap.verify(b"a.tar")  # type: ignore[arg-type]
    vxsnap.restore("a.tar", 5)  # type: ignore[arg-type]
    vxsnap.snapshot(live, base="restored")  # type: ignore[arg-type]
    vxsnap.flush("app.db")  # type: ignore[arg-type]
    vxsnap.manifest(rows, 4096)  # type: ignore[call-overload]


def nights(live: sqlite3.Connection) -> None:
    vxsnap.Store.create("nights.db", chunk_size=8192, compression="zstd", timeout=1).close()
    with vxsnap.Store(pathlib.Path("nights.db"), timeout=0.5) as store:
        saved: vxsnap.Snapshot = store.save(live, schema="main", index_files="disk")
        saved = store.save(pathlib.Path("app.db"))
        newest: Optional[datetime.datetime] = max((each.created_at for each in store.list()), default=None)
        rows: Iterator[vxsnap.Row] = store.rows(saved.n)
        verdict: str = vxsnap.verify(rows) + store.verify(saved.n)
        report: dict[str, Any] = store.restore(saved.n, pathlib.Path("restored"))
        dropped: int = store.prune(keep_last=1, keep_daily=7, keep_weekly=4, keep_monthly=12)
        store.drop(saved.n)
        problems: list[str] = store.check()
        print(newest, verdict, report, dropped, problems)
        store.save(5)  # type: ignore[arg-type]
        store.prune(7, keep_yearly=1)  # type: ignore[call-arg]
