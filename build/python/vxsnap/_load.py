"""Where the extension is, and how it comes into a connection."""
import os
import sqlite3


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
