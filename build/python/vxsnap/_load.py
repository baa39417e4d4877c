"""Where the extension is, how it comes into a connection, and a connection with it."""
from __future__ import annotations

import contextlib
import os
import sqlite3
import urllib.parse
from typing import Iterator, Union

#: The name of a file.
StrPath = Union[str, "os.PathLike[str]"]


def loadable_path() -> str:
    """The path of the extension without its ending, for load_extension(): what the
    environment variable VXSNAP names, else the file of the wheel, else in a checkout of
    the project the one that make built."""
    here = os.path.dirname(os.path.abspath(__file__))
    in_checkout = os.path.join("build", "python", "vxsnap")
    places = [os.path.join(here, "vxsnap.so")]
    if here.endswith(in_checkout):
        places.append(os.path.join(here[: -len(in_checkout)], "vxsnap.so"))
    named = os.environ.get("VXSNAP")
    if named:
        places = [os.path.abspath(named)]
    for path in places:
        if os.path.isfile(path):
            return path[:-3] if path.endswith(".so") else path
    raise FileNotFoundError(
        f"there is no file '{' or '.join(places)}', which {'VXSNAP names' if named else 'vxsnap is'}; install the wheel"
        " of make dist, run make in a checkout, or name the file in the environment variable VXSNAP"
    )


def load(connection: sqlite3.Connection) -> None:
    """Loads the extension into a connection."""
    path = loadable_path()
    if not hasattr(connection, "enable_load_extension"):
        raise sqlite3.NotSupportedError(
            "the sqlite3 of this Python was built without extensions; use one built with"
            " --enable-loadable-sqlite-extensions, as Debian's and python.org's are"
        )
    connection.enable_load_extension(True)
    try:
        connection.load_extension(path)
    finally:
        connection.enable_load_extension(False)


def connect(path: StrPath, timeout: float = 60.0) -> sqlite3.Connection:
    """A connection to a database that is there, with the extension in it, as snapshots
    and flush want it: in autocommit mode, without cached statements. A path that is
    mistyped is an error, not a new database. It waits for other connections up to
    timeout seconds."""
    return opened(path, "rw", timeout, True)


def opened(path: StrPath, mode: str, timeout: float, check_same_thread: bool) -> sqlite3.Connection:
    """The same in another mode of SQLite's URIs, or for one thread after the other."""
    name = os.path.abspath(path)
    uri = f"file:{urllib.parse.quote(os.fsencode(name))}?mode={mode}"
    try:
        connection = sqlite3.connect(
            uri, timeout, isolation_level=None, check_same_thread=check_same_thread, cached_statements=0, uri=True
        )
    except sqlite3.OperationalError as error:
        raise sqlite3.OperationalError(f"'{name}': {error}; it must be there, and be a database") from None
    try:
        load(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def source(connection_or_path: Union[sqlite3.Connection, StrPath]) -> Iterator[sqlite3.Connection]:
    """A connection that is given, or one of its own to a file, which it closes."""
    if isinstance(connection_or_path, sqlite3.Connection):
        yield connection_or_path
    else:
        with contextlib.closing(opened(connection_or_path, "rw", 60.0, False)) as connection:
            yield connection
