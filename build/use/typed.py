"""Each function of the installed wheel as a program with types calls it: for mypy --strict."""
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
    vxsnap.save(live, 5)  # type: ignore[arg-type]
    vxsnap.verify(b"a.tar")  # type: ignore[arg-type]
    vxsnap.restore("a.tar", 5)  # type: ignore[arg-type]
