"""An aggregate over rows that Python has, or over a saved file."""
from __future__ import annotations

import os
import sqlite3
from typing import Any, Callable, Generator, Iterable, Iterator, Optional, Union

from ._load import StrPath, load
from ._rows import COLUMNS, Counter, Progress, Row


def text_of(path: Optional[StrPath]) -> Optional[StrPath]:
    """A path as SQL takes it. What is none is handed on, for SQL to refuse."""
    return os.fspath(path) if isinstance(path, os.PathLike) else path


def aggregate(
    function: str, args: tuple[object, ...], rows_or_path: Union[Iterable[Row], StrPath], progress: Optional[Progress]
) -> Any:
    """The result of a function. {} stands for the columns in its call, and ? for args."""
    function = function.format(COLUMNS)
    calls = _Calls(sqlite3.connect(":memory:", isolation_level=None))
    try:
        load(calls.connection)
        if isinstance(rows_or_path, Iterable) and not isinstance(rows_or_path, (str, bytes, os.PathLike)):
            query = _iterated(calls, function, iter(rows_or_path), progress)
        else:
            query, args = _saved(calls, function, progress), (*args, text_of(rows_or_path))
        return calls.connection.execute(query, args).fetchone()[0]
    except sqlite3.Error:
        raised, calls.raised = calls.raised, None
        if raised is None:
            raise
        try:
            raise raised from None
        finally:
            del raised  # which has this frame, and the frame would have it
    finally:
        calls.connection.close()
        if isinstance(rows_or_path, Generator):
            rows_or_path.close()  # a snapshot that was not used up holds its moment


class _Calls:
    """The Python functions of a connection. SQLite tells only that one raised: what it
    was is kept here."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.raised: Optional[BaseException] = None

    def create(self, name: str, args: int, function: Callable[..., Any]) -> None:
        def call(*values: Any) -> Any:
            try:
                return function(*values)
            except BaseException as error:
                self.raised = error
                raise

        self.connection.create_function(name, args, call)


def _saved(calls: _Calls, function: str, progress: Optional[Progress]) -> str:
    query = f"SELECT {function} FROM vx_snapshot_read(?)"
    if progress is None:
        return query
    # A row has been used when the next one comes. The last of a file, the end row, has
    # no bytes.
    counter = Counter(progress)
    before: Any = (-1, None, None, 0, None)

    def came(*row: Any) -> bool:
        nonlocal before
        counter.add(*before)
        before = row
        return True

    calls.create("vxsnap_came", 5, came)
    return query + " WHERE vxsnap_came(seq, file_name, offset, length(data), metadata_json)"


def _iterated(calls: _Calls, function: str, rows: Iterator[Row], progress: Optional[Progress]) -> str:
    # An aggregate takes rows from a query, not from a Python iterator: the query asks
    # for one row after the other, and nothing is kept.
    counter = Counter(progress)
    row: Optional[Row] = None

    def advance() -> bool:
        nonlocal row
        if row is not None:
            counter.count(row)
        row = next(rows, None)
        return row is not None

    calls.create("vxsnap_next", 0, advance)
    calls.create("vxsnap_column", 1, lambda i: row[i] if row is not None else None)
    columns = ", ".join(f"vxsnap_column({i})" for i in range(len(Row._fields)))
    return (
        f"WITH RECURSIVE snap({COLUMNS}) AS (SELECT {columns} WHERE vxsnap_next()"
        f" UNION ALL SELECT {columns} FROM snap WHERE vxsnap_next())"
        f" SELECT {function} FROM snap"
    )
