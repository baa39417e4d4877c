"""A store's connection, and its transactions."""
from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import Iterator, Optional

from ._load import StrPath, opened
from ._rows import value

# What a file does not keep. Pages that are freed are not overwritten with zeros.
_SETTINGS = ("secure_delete = OFF", "cache_size = -4000", "synchronous = FULL")


class StoreFile:
    """The file of a store, open."""

    def __init__(self, path: StrPath, mode: str, timeout: float) -> None:
        self.path, self._timeout = os.path.abspath(path), timeout
        self.connection = opened(path, mode, timeout, True)

    def make(self, chunk_size: int, compression: Optional[str]) -> None:
        """Makes a store of a file that has nothing in it."""
        if value(self.connection, "SELECT count(*) FROM sqlite_master") > 0:
            raise sqlite3.OperationalError(f"'{self.path}' has tables already; open it with Store(path), or give another name")
        # The script is a transaction, of which the settings become a part.
        script, _ = value(self.connection, "SELECT vx_snapshot_store_schema()").rsplit("COMMIT;", 1)
        with self._ended():
            self.connection.executescript(script)
            self.connection.execute("UPDATE setting SET chunk_size = ?, compression = ?", (chunk_size, compression))

    def settings(self) -> tuple[int, Optional[str]]:
        """The chunk_size and the compression of the store."""
        for setting in _SETTINGS:
            self.connection.execute("PRAGMA " + setting)
        columns = "name IN ('version', 'chunk_size', 'compression')"
        is_one = value(self.connection, f"SELECT count(*) FROM pragma_table_info('setting') WHERE {columns}") == 3
        if not is_one or value(self.connection, "SELECT count(*) FROM setting WHERE version = 1") != 1:
            raise self.is_none()
        chunk_size, compression = self.connection.execute("SELECT chunk_size, compression FROM setting").fetchone()
        return chunk_size, compression

    def is_none(self) -> sqlite3.Error:
        """Says that the file is not a store."""
        return sqlite3.DatabaseError(f"'{self.path}' is not a store of version 1; make one with Store.create")

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """A transaction in which the store does not change."""
        self.connection.execute("BEGIN")
        with self._ended():
            self._wait("SELECT 1 FROM setting")  # which takes the lock
            yield

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that has the write lock from its start, so that what it reads is
        the newest."""
        self._wait("BEGIN IMMEDIATE")
        with self._ended():
            yield

    @contextlib.contextmanager
    def _ended(self) -> Iterator[None]:
        try:
            yield
            self._wait("COMMIT")
        finally:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def _wait(self, statement: str) -> None:
        try:
            self.connection.execute(statement).fetchone()
        except sqlite3.OperationalError as error:
            if str(error) != "database is locked":
                raise
            raise sqlite3.OperationalError(
                f"store '{self.path}': another connection used it for {self._timeout:g} s: {error}; try again when it has ended"
            ) from None
