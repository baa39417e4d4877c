"""Consistent snapshots of SQLite databases and their vector index files.

    import sqlite3, vxsnap
    live = sqlite3.connect("file:app.db?mode=rw", uri=True, cached_statements=0)
    vxsnap.load(live)
    rows = vxsnap.snapshot(live)
    vxsnap.restore(rows, "restored", progress=lambda done, total: print(f"{100 * done // total} %"))

The rows and their meaning: docs/FORMAT.md of the project.
"""
from __future__ import annotations

import json
import os
import sqlite3
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Optional

__all__ = ["Row", "load", "loadable_path", "restore", "snapshot", "verify"]
__version__ = "@VERSION@"

#: Called after each row that has bytes of a file, with the bytes of all files so far
#: and in all. Bytes in all are 0 while the metadata row, which is the first of a
#: snapshot, has not come. What it raises ends the work and is raised.
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
    iterator is exhausted or closed. progress is called when a row has been used: before
    the next one is made."""
    cursor = connection.cursor()
    cursor.row_factory = None
    try:
        query = f"SELECT {_COLUMNS} FROM vx_snapshot_chunks(?, ?, ?)"
        count = _counter(progress)
        for row in map(Row._make, cursor.execute(query, (chunk_size, schema, index_files))):
            yield row
            count(row)
    finally:
        cursor.close()


def verify(rows: Iterable[Row], progress: Optional[Progress] = None) -> str:
    """Says 'ok', or the first thing that is wrong with the rows, in any order."""
    return _over(rows, "vx_snapshot_verify(", (), progress)


def restore(rows: Iterable[Row], directory: str, progress: Optional[Progress] = None) -> dict[str, Any]:
    """Restores rows, in any order, into a directory that does not exist yet or is
    empty, and says what was written. Damage raises sqlite3.DatabaseError. After the
    last row come checks and syncs, which progress does not show."""
    return json.loads(_over(rows, "vx_snapshot_restore(?, ", (os.fspath(directory),), progress))


def _counter(progress: Optional[Progress]) -> Callable[[Row], None]:
    done = total = 0

    def count(row: Row) -> None:
        nonlocal done, total
        if row[0] == 0 and row[5] is not None:
            total = json.loads(row[5])["total_size"]
        if row[3]:
            done += len(row[3])
            progress(done, total)

    return (lambda row: None) if progress is None else count


def _over(rows: Iterable[Row], function: str, args: tuple[Any, ...], progress: Optional[Progress]) -> str:
    # An aggregate takes rows from a query, not from a Python iterator: the query asks
    # for one row after the other, and nothing is kept.
    columns = ", ".join(f"vxsnap_column({i})" for i in range(len(Row._fields)))
    query = (
        f"WITH RECURSIVE snap({_COLUMNS}) AS (SELECT {columns} WHERE vxsnap_next()"
        f" UNION ALL SELECT {columns} FROM snap WHERE vxsnap_next())"
        f" SELECT {function}{_COLUMNS}) FROM snap"
    )
    remaining, row, count = iter(rows), None, _counter(progress)
    raised: Optional[BaseException] = None

    def advance() -> bool:
        nonlocal row, raised
        try:
            if row is not None:
                count(row)
            row = next(remaining, None)
        except BaseException as error:
            raised = error
            raise
        return row is not None

    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        load(connection)
        connection.create_function("vxsnap_next", 0, advance)
        connection.create_function("vxsnap_column", 1, lambda i: row[i])
        return connection.execute(query, args).fetchone()[0]
    except sqlite3.Error:
        if raised is not None:
            raise raised from None
        raise
    finally:
        connection.close()
