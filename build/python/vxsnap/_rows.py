"""The rows of a snapshot as Python has them, and the progress that they make."""
from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import Any, Callable, Generator, NamedTuple, Optional, Sized

#: Called after each row that has bytes of a file, with the bytes of all files so far
#: and in all, as they are when nothing is compressed. Bytes in all are 0 while the
#: metadata row, which is the first of a snapshot, has not come, and a compressed row
#: that comes before it counts for less. What it raises ends the work and is raised.
Progress = Callable[[int, int], None]


class Row(NamedTuple):
    """One row of a snapshot."""

    seq: int
    file_name: Optional[str]
    offset: Optional[int]
    data: Optional[bytes]
    is_last: int
    metadata_json: Optional[str]


COLUMNS = ", ".join(Row._fields)


class Counter:
    """Counts the bytes of the rows that came, and tells progress."""

    def __init__(self, progress: Optional[Progress]) -> None:
        self._progress = progress
        self._done = self._total = self._chunk_size = 0
        self._sizes: dict[str, int] = {}

    def count(self, row: Row) -> None:
        """Counts a row."""
        if self._progress is not None:
            self.add(row[0], row[1], row[2], len(row[3]) if isinstance(row[3], Sized) else 0, row[5])

    def add(
        self, seq: int, file_name: Optional[str], offset: Optional[int], size: int, metadata_json: Optional[str]
    ) -> None:
        """Counts a row with so many bytes of data: fewer than the file has there if they
        are compressed."""
        if seq == 0 and metadata_json is not None:
            self._begin(metadata_json)
        if size and self._progress is not None:
            left = self._sizes.get(file_name or "", 0) - offset if isinstance(offset, int) else 0
            self._done += max(size, min(self._chunk_size, left))
            self._progress(self._done, self._total)

    def _begin(self, metadata_json: str) -> None:
        try:
            metadata = json.loads(metadata_json)
            self._sizes = {file["file_name"]: int(file["file_size"]) for file in metadata["files"]}
            self._total, self._chunk_size = int(metadata["total_size"]), int(metadata["chunk_size"])
        except Exception:  # damage, of which verify and restore tell
            pass


def select(
    connection: sqlite3.Connection, table: str, args: tuple[object, ...], progress: Optional[Progress]
) -> Generator[Row, None, None]:
    """Yields the rows of a table-valued function."""
    cursor = connection.cursor()
    cursor.row_factory = None
    try:
        counter = Counter(progress)
        for row in map(Row._make, cursor.execute(f"SELECT {COLUMNS} FROM {table}", args)):
            yield row
            counter.count(row)
    finally:
        cursor.close()


def value(connection: sqlite3.Connection, query: str, *args: object) -> Any:
    """The first value of a query."""
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.row_factory = None
        return cursor.execute(query, args).fetchone()[0]
