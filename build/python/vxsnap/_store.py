"""Many snapshots in one SQLite database, each version of a chunk once."""
from __future__ import annotations

import contextlib
import datetime
import json
import sqlite3
from types import TracebackType
from typing import Any, Generator, List, NamedTuple, Optional, Type, TypeVar, Union

from ._aggregate import text_of
from ._load import StrPath, source
from ._rows import COLUMNS, Row, select, value
from ._storefile import StoreFile

_S = TypeVar("_S", bound="Store")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Snapshot(NamedTuple):
    """A snapshot that a store has."""

    #: In the order in which they were saved, from 1. None is used twice.
    n: int
    snapshot_id: str
    #: In UTC.
    created_at: datetime.datetime
    #: Of its files, in bytes.
    total_size: int


class Store:
    """A store that is there, open on a connection of its own, which ends with close or a
    with statement.

        vxsnap.Store.create("nights.db").close()  # once
        with vxsnap.Store("nights.db") as store:
            store.save("app.db")
            store.prune(keep_daily=7, keep_weekly=4)

    Other Stores, in this process and in others, and other languages, may use the same
    file meanwhile: who saves or prunes waits for them, up to timeout seconds. A Store is
    for the thread that made it. Its tables, and how SQL uses them: docs/STORE.md of
    the project."""

    def __init__(self, path: StrPath, timeout: float = 60.0) -> None:
        self._open(path, timeout, None)

    @classmethod
    def create(
        cls: Type[_S], path: StrPath, chunk_size: int = 4096, compression: Optional[str] = None, timeout: float = 60.0
    ) -> _S:
        """Makes a store of a file that is not there yet, or is empty, and opens it.
        chunk_size, 512 to 268435456 bytes, and compression, 'zstd' or None, stay. With
        chunks of the size of the database's pages a night costs what changed."""
        if not isinstance(chunk_size, int) or not 512 <= chunk_size <= 268435456:
            raise sqlite3.InterfaceError(f"chunk_size must be an integer from 512 to 268435456, got {chunk_size!r}")
        if compression not in (None, "zstd"):
            raise sqlite3.InterfaceError(f"compression must be 'zstd', or None for none, got {compression!r}")
        store = cls.__new__(cls)
        store._open(path, timeout, (chunk_size, compression))
        return store

    def _open(self, path: StrPath, timeout: float, made: Optional[tuple[int, Optional[str]]]) -> None:
        self._file = StoreFile(path, "rw" if made is None else "rwc", timeout)
        self._connection = self._file.connection
        try:
            if made is not None:
                self._file.make(*made)
            self._chunk_size, self._compression = self._file.settings()
        except BaseException as error:
            self.close()
            if isinstance(error, sqlite3.DatabaseError) and str(error) == "file is not a database":
                raise self._file.is_none() from None
            raise

    def save(
        self, connection_or_path: Union[sqlite3.Connection, StrPath], schema: str = "main", index_files: str = "auto"
    ) -> Snapshot:
        """Saves a snapshot of a database: of a connection into which the extension was
        loaded, or of a file, on a connection of its own. Of the chunks it keeps those
        that differ from the newest snapshot's. It is one transaction, which a kill
        leaves undone. Rows are kept neither in memory nor in temporary files."""
        with source(connection_or_path) as live, self._file.writing(), contextlib.closing(live.cursor()) as rows:
            rows.row_factory = None
            base = self._connection.execute("SELECT manifest FROM newest").fetchone() or (None,)
            rows.execute(
                f"SELECT {COLUMNS}, manifest FROM vx_snapshot_chunks(?, ?, ?, ?, ?)",
                (self._chunk_size, schema, index_files, self._compression, *base),
            )
            self._connection.executemany("INSERT OR ROLLBACK INTO save VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            return self.list()[-1]

    def list(self) -> List[Snapshot]:
        """The snapshots, in the order in which they were saved."""
        query = "SELECT n, snapshot_id, created_at, json_extract(metadata_json, '$.total_size') FROM snapshot ORDER BY n"
        return [
            Snapshot(n, snapshot_id, _EPOCH + datetime.timedelta(milliseconds=created_at), total_size)
            for n, snapshot_id, created_at, total_size in self._connection.execute(query)
        ]

    def rows(self, n: int) -> Generator[Row, None, None]:
        """Yields the rows of snapshot n, as those of a full snapshot. The commit of
        whoever saves or prunes waits until the iterator is exhausted or closed."""
        with contextlib.closing(select(self._connection, "rows WHERE n = ?", (n,), None)) as rows:
            first = next(rows, None)
            if first is None:
                raise self._has_not(n)
            yield first
            yield from rows

    def verify(self, n: int) -> str:
        """Says 'ok', or the first thing that is wrong with snapshot n."""
        with self._file.reading():
            self._must_have(n)
            verdict: str = value(self._connection, f"SELECT vx_snapshot_verify({COLUMNS}) FROM rows WHERE n = ?", n)
            return verdict

    def restore(self, n: int, directory: StrPath) -> dict[str, Any]:
        """Restores snapshot n into a directory that does not exist yet or is empty, and
        says what was written. vxsnap.restore(store.rows(n), …) tells progress too."""
        with self._file.reading():
            self._must_have(n)
            query = f"SELECT vx_snapshot_restore(?, {COLUMNS}) FROM rows WHERE n = ?"
            report: dict[str, Any] = json.loads(value(self._connection, query, text_of(directory), n))
            return report

    def prune(self, keep_last: int = 0, keep_daily: int = 0, keep_weekly: int = 0, keep_monthly: int = 0) -> int:
        """Keeps the newest snapshots, and the newest of each of so many days, weeks (from
        Monday) and months that have one, in UTC; drops the others, and says how many.
        The newest always stays. The file does not become smaller: the next saves use
        its free pages."""
        with self._file.writing():
            before = len(self.list())
            keep = (keep_last, keep_daily, keep_weekly, keep_monthly)
            self._connection.execute("INSERT INTO prune VALUES (?, ?, ?, ?)", keep)
            return before - len(self.list())

    def drop(self, n: int) -> None:
        """Drops snapshot n, as prune does. After that of the newest one the next save
        takes all chunks, and keeps those that are new."""
        with self._file.writing():
            self._must_have(n)
            self._connection.execute("DELETE FROM night WHERE n = ?", (n,))

    def check(self) -> List[str]:
        """What is wrong with the store, a sentence each, and nothing if all is well: with
        its file, its tables, and, which takes the longest, each of its snapshots."""
        with self._file.reading():
            found = [f"the file: {text}" for (text,) in self._connection.execute("PRAGMA integrity_check") if text != "ok"]
            found += [text for (text,) in self._connection.execute("SELECT problem FROM problem")]
            numbers = [each.n for each in self.list()]
        verdicts = [(n, self.verify(n)) for n in numbers]
        return found + [f"snapshot {n}: {verdict}" for n, verdict in verdicts if verdict != "ok"]

    def close(self) -> None:
        """Closes the store, and ends its iterators. It may be called twice."""
        self._connection.close()

    def __enter__(self: _S) -> _S:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], traceback: Optional[TracebackType]
    ) -> None:
        self.close()

    def _must_have(self, n: int) -> None:
        if value(self._connection, "SELECT count(*) FROM snapshot WHERE n = ?", n) == 0:
            raise self._has_not(n)

    def _has_not(self, n: int) -> sqlite3.Error:
        return sqlite3.InterfaceError(f"there is no snapshot {n} in '{self._file.path}'; list() has those that there are")
