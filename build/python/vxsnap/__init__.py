"""Consistent snapshots of SQLite databases and their vector index files.

    import vxsnap
    vxsnap.save("app.db", "backup.tar.zst")
    assert vxsnap.verify("backup.tar.zst") == "ok"
    vxsnap.restore("backup.tar.zst", "restored", progress=lambda done, total: print(f"{100 * done // total} %"))

What takes a snapshot takes the path of a database, or a connection with the extension in
it: one of connect, or one into which load put it. A connection that has new vectors in
memory writes them with flush first. snapshot and read yield rows, which verify and restore take too, and tar yields the
bytes of a saved file. With a manifest as base, snapshot yields only the rows that the
base has not. A Store keeps many snapshots, each version of a chunk once. The rows and
their meaning: docs/FORMAT.md of the project.
"""
from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from typing import Any, Generator, Iterable, Optional, Union, overload

from ._aggregate import aggregate, text_of
from ._load import StrPath, connect, load, loadable_path, source
from ._rows import Progress, Row, select, value
from ._store import Snapshot, Store

__all__ = [
    "Progress", "Row", "Snapshot", "Store", "connect", "flush", "load", "loadable_path", "manifest", "read", "relocate",
    "restore", "save", "snapshot", "tar", "verify",
]
__version__ = "@VERSION@"


def snapshot(
    connection_or_path: Union[sqlite3.Connection, StrPath],
    chunk_size: Optional[int] = None,
    schema: str = "main",
    index_files: str = "auto",
    progress: Optional[Progress] = None,
    compression: Optional[str] = None,
    base: Optional[bytes] = None,
) -> Generator[Row, None, None]:
    """Yields the rows of one snapshot. The moment that it shows lasts until the
    iterator is exhausted or closed. progress is called when a row has been used: before
    the next one is made. With compression='zstd' the data of a row is one zstd frame
    where that is shorter; verify and restore take such rows. With a base, which is what
    manifest gives, come only the rows of chunks that the base has not. chunk_size is in
    bytes, and that of the base, or 65536, where it is left out."""
    args = (chunk_size, schema, index_files, compression, base)
    with source(connection_or_path) as connection:
        yield from select(connection, "vx_snapshot_chunks(?, ?, ?, ?, ?)", args, progress)


@overload
def manifest(rows_or_directory: Iterable[Row]) -> bytes: ...
@overload
def manifest(rows_or_directory: StrPath, chunk_size: int = 65536) -> bytes: ...
def manifest(rows_or_directory: Union[Iterable[Row], StrPath], chunk_size: Optional[int] = None) -> bytes:
    """The digests of all chunks of rows, in any order, or of the files of a restored
    directory as they are: a base for snapshot. Rows have their chunk_size. Of rows that
    are not all there, it has those before the first that is missing."""
    if isinstance(rows_or_directory, Iterable) and not isinstance(rows_or_directory, (str, bytes, os.PathLike)):
        if chunk_size is not None:
            raise TypeError("chunk_size is of a directory; rows have the one that they were made with")
        result: bytes = aggregate("vx_snapshot_manifest({})", (), rows_or_directory, None)
        return result
    args = (text_of(rows_or_directory), 65536 if chunk_size is None else chunk_size)
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        load(connection)
        result = value(connection, "SELECT vx_snapshot_manifest(?, ?)", *args)
        return result


def save(
    connection_or_path: Union[sqlite3.Connection, StrPath],
    path: StrPath,
    schema: str = "main",
    index_files: str = "auto",
) -> dict[str, Any]:
    """Saves one snapshot as a file that does not exist yet, and says what was written:
    snapshot_id, path, size, total_size, checksum, files. A path that ends with .tar.zst
    is compressed, one that ends with .tar is not."""
    with source(connection_or_path) as connection:
        args = (text_of(path), schema, index_files)
        report: dict[str, Any] = json.loads(value(connection, "SELECT vx_snapshot_save(?, ?, ?)", *args))
        return report


def read(path: StrPath, progress: Optional[Progress] = None) -> Generator[Row, None, None]:
    """Yields the rows of a saved file, or of the reading end of a pipe, on a connection
    of its own, which is closed with the iterator. progress is as in snapshot."""
    # The iterator may be used by one thread after the other, as a web server does.
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    with contextlib.closing(connection):
        load(connection)
        yield from select(connection, "vx_snapshot_read(?)", (text_of(path),), progress)


def tar(
    connection_or_path: Union[sqlite3.Connection, StrPath],
    chunk_size: int = 65536,
    schema: str = "main",
    index_files: str = "auto",
    compression: Optional[str] = None,
) -> Generator[bytes, None, None]:
    """Yields what save would write, in pieces of chunk_size bytes of which the last may
    be shorter: a .tar, or with compression='zstd' a .tar.zst. The next piece is made
    when it is asked for. The moment that it shows lasts until the iterator is exhausted
    or closed."""
    with source(connection_or_path) as connection, contextlib.closing(connection.cursor()) as cursor:
        cursor.row_factory = None
        query = "SELECT data FROM vx_snapshot_tar(?, ?, ?, ?)"
        for (data,) in cursor.execute(query, (chunk_size, schema, index_files, compression)):
            yield data


def verify(
    rows_or_path: Union[Iterable[Row], StrPath],
    progress: Optional[Progress] = None,
    base_directory: Optional[StrPath] = None,
) -> str:
    """Says 'ok', or the first thing that is wrong with the rows, in any order, or with
    those of a saved file. A file that ends early or is none raises
    sqlite3.DatabaseError, as read does. Rows that were made with a base are 'ok, with
    base …' by themselves, and 'ok' with the directory that has what they have not."""
    verdict: str = aggregate("vx_snapshot_verify({}, ?)", (text_of(base_directory),), rows_or_path, progress)
    return verdict


def restore(
    rows_or_path: Union[Iterable[Row], StrPath],
    directory: StrPath,
    progress: Optional[Progress] = None,
    base_directory: Optional[StrPath] = None,
) -> dict[str, Any]:
    """Restores rows, in any order, or a saved file into a directory that does not exist
    yet or is empty, and says what was written: snapshot_id, directory, total_size,
    files. Damage raises sqlite3.DatabaseError. After the last row come checks and
    syncs, which progress does not show. base_directory, which is only read, has what
    rows that were made with a base have not; every byte is checked."""
    args = (text_of(directory), text_of(base_directory))
    report: dict[str, Any] = json.loads(aggregate("vx_snapshot_restore(?, {}, ?)", args, rows_or_path, progress))
    return report


def flush(connection: sqlite3.Connection) -> int:
    """Has vectorlite write the indexes that a connection has in memory to their files,
    and says how many. It raises sqlite3.InterfaceError beside a statement that can reach
    a vectorlite table: open the connection with connect, and close the cursors that were
    not fetched to their end, or ran executemany."""
    return int(value(connection, "SELECT vx_snapshot_flush()"))


def relocate(connection_or_path: Union[sqlite3.Connection, StrPath]) -> int:
    """Has the vectorlite tables of a database that was moved with its index files name
    those beside it, before anything else opens it, and says how many tables it changed. A
    path may be that of a restored directory."""
    if not isinstance(connection_or_path, sqlite3.Connection) and os.path.isdir(connection_or_path):
        connection_or_path = os.path.join(connection_or_path, "database.db")
    with source(connection_or_path) as connection:
        return int(value(connection, "SELECT vx_snapshot_relocate()"))
