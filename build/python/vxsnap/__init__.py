"""Consistent snapshots of SQLite databases and their vector index files.

    import sqlite3, vxsnap
    live = sqlite3.connect("file:app.db?mode=rw", uri=True, cached_statements=0)
    vxsnap.load(live)
    rows = vxsnap.snapshot(live, progress=lambda done, total: print(done, total))
    vxsnap.restore(rows, "restored")

The rows and their meaning: docs/FORMAT.md of the project.
"""
from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Optional

__all__ = ["Row", "load", "loadable_path", "restore", "snapshot", "verify"]
__version__ = "@VERSION@"

#: Called with the bytes done so far and the bytes in all.
Progress = Callable[[int, int], None]


class Row(NamedTuple):
    """One row of a snapshot."""

    seq: int
    file_name: Optional[str]
    offset: Optional[int]
    data: Optional[bytes]
    is_last: int
    metadata_json: Optional[str]


_COLUMNS = ", ".join(Row._fields)


def loadable_path() -> str:
    """The path of the extension without its ending, for load_extension()."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "vxsnap")


def load(connection: sqlite3.Connection) -> None:
    """Loads the extension into a connection."""
    connection.enable_load_extension(True)
    try:
        connection.load_extension(loadable_path())
    finally:
        connection.enable_load_extension(False)


def snapshot(
    connection: sqlite3.Connection,
    chunk_size: int = 65536,
    schema: str = "main",
    index_files: str = "auto",
    progress: Optional[Progress] = None,
) -> Iterator[Row]:
    """Yields the rows of one snapshot. The moment that it shows lasts until the
    iterator is exhausted or closed."""
    done = total = 0
    cursor = connection.cursor()
    cursor.row_factory = None
    try:
        query = f"SELECT {_COLUMNS} FROM vx_snapshot_chunks(?, ?, ?)"
        for row in map(Row._make, cursor.execute(query, (chunk_size, schema, index_files))):
            if row.metadata_json is not None:
                total = json.loads(row.metadata_json)["total_size"]
            done += len(row.data or b"")
            yield row
            if progress is not None:
                progress(done, total)
    finally:
        cursor.close()


def verify(rows: Iterable[Row]) -> str:
    """Says 'ok', or the first thing that is wrong with the rows, in any order."""
    return _over(rows, f"SELECT vx_snapshot_verify({_COLUMNS}) FROM store.snap", (), None)


def restore(rows: Iterable[Row], directory: str, progress: Optional[Progress] = None) -> dict[str, Any]:
    """Restores rows, in any order, into a directory that does not exist yet or is
    empty, and says what was written. Damage raises sqlite3.DatabaseError."""
    query = f"SELECT vx_snapshot_restore(?, {_COLUMNS}) FROM store.snap"
    return json.loads(_over(rows, query, (os.fspath(directory),), progress))


def _over(rows: Iterable[Row], query: str, args: tuple[Any, ...], progress: Optional[Progress]) -> str:
    # The rows wait in a private database on disk: an aggregate takes them from a
    # query, not from a Python iterator.
    with tempfile.TemporaryDirectory(prefix="vxsnap-") as directory:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        try:
            load(connection)
            connection.execute("ATTACH ? AS store", (os.path.join(directory, "rows.db"),))
            connection.execute("PRAGMA store.journal_mode = OFF")
            connection.execute("PRAGMA store.synchronous = OFF")
            connection.execute(
                "CREATE TABLE store.snap(seq INTEGER, file_name TEXT, offset INTEGER,"
                " data BLOB, is_last INTEGER, metadata_json TEXT)"
            )
            done = total = 0
            connection.execute("BEGIN")
            for row in rows:
                connection.execute("INSERT INTO store.snap VALUES (?, ?, ?, ?, ?, ?)", tuple(row))
                if progress is not None:
                    if row[5] is not None:
                        total = json.loads(row[5])["total_size"]
                    done += len(row[3] or b"")
                    progress(done, total)
            connection.execute("COMMIT")
            return connection.execute(query, args).fetchone()[0]
        finally:
            connection.close()
