"""Backs up a live database, with its index files, in three ways: into a file, into
a table of another database, and as a stream; checks, restores and searches the
backups, and shows what an error looks like.

    backup.py VXSNAP VECTORLITE LIVE.DB DIRECTORY
"""
import json
import os
import sqlite3
import sys
import threading
import time
import urllib.parse

COLUMNS = "seq, file_name, offset, data, is_last, metadata_json"


def connect(path, *extensions):
    # mode=rw: a path that is mistyped is an error, not a new database.
    # cached_statements=0: vx_snapshot_flush() refuses to run beside a statement
    # that can reach a vectorlite table, and a cached one is such a statement.
    uri = f"file:{urllib.parse.quote(path)}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, cached_statements=0)
    connection.enable_load_extension(True)
    for extension in extensions:
        connection.load_extension(extension)
    return connection


def value(db, query, *values):
    return db.execute(query, values).fetchone()[0]


def save(live, path):
    """Saves a snapshot of live in a new file: NAME.tar, or compressed as NAME.tar.zst."""
    return json.loads(value(live, "SELECT vx_snapshot_save(?)", path))


def verify(db, path):
    """Says 'ok', or the first thing that is wrong with a saved file."""
    return value(db, f"SELECT vx_snapshot_verify({COLUMNS}) FROM vx_snapshot_read(?)", path)


def restore(db, path, directory):
    """Restores a saved file into a new directory."""
    return json.loads(value(db, f"SELECT vx_snapshot_restore(?, {COLUMNS}) FROM vx_snapshot_read(?)", directory, path))


def store_rows(live, path, progress=lambda done, total: None):
    """Stores the rows of a snapshot of live in a new database at path; returns the
    snapshot's size in bytes. progress is called at each tenth of them."""
    store = sqlite3.connect(path, isolation_level=None)
    store.execute("CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT)")
    store.execute("BEGIN")
    done = total = 0
    for row in live.execute(f"SELECT {COLUMNS} FROM vx_snapshot_chunks(65536)"):
        store.execute("INSERT INTO snap VALUES (?, ?, ?, ?, ?, ?)", row)
        if row[0] == 0:  # the metadata row, the first
            total = json.loads(row[5])["total_size"]
        if row[3]:
            tenths, done = 10 * done // total, done + len(row[3])
            if 10 * done // total > tenths:
                progress(done, total)
    store.execute("COMMIT")
    store.close()
    return total


def stream(live, write):
    """Calls write with a snapshot of live, as the bytes of a tar file, 64 KiB at a time."""
    for (data,) in live.execute("SELECT data FROM vx_snapshot_tar(65536)"):
        write(data)


def percent(done, total):
    print(f"\r{100 * done // total} %", end="", file=sys.stderr, flush=True)


def nearest(connection):
    return connection.execute(
        "SELECT rowid FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 5))"
    ).fetchall()


def main(vxsnap, vectorlite, database, directory):
    start = time.monotonic()
    live = connect(database, vxsnap, vectorlite)
    # A new vector is in the memory of its connection until that flushes, which it
    # refuses to do beside a statement on the table; executemany leaves one.
    cursor = live.cursor()
    cursor.executemany("INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))", [[2001, "[1, 2, 3, 4, 5, 6, 7, 8]"]])
    try:
        value(live, "SELECT vx_snapshot_flush()")
        raise SystemExit("a flush ran beside a statement")
    except sqlite3.Error as error:
        assert "the prepared statement 'INSERT INTO docs_vec" in str(error), error
    cursor.close()
    assert value(live, "SELECT vx_snapshot_flush()") == 1

    # Into a file.
    file = directory + "/backup.tar.zst"
    saved = save(live, file)
    assert saved["size"] == os.path.getsize(file), saved
    assert verify(live, file) == "ok"
    restore(live, file, directory + "/from-file")
    try:
        save(live, file)
        raise SystemExit("a file was replaced")
    except sqlite3.OperationalError as error:
        assert str(error) == f"vx_snapshot_save: file '{file}' exists, and is not replaced; name another, or remove it first", error

    # Into a table.
    size = store_rows(live, directory + "/backup.db", percent)
    print(file=sys.stderr)
    assert size == saved["total_size"], size
    store = connect(directory + "/backup.db", vxsnap)
    assert value(store, f"SELECT vx_snapshot_verify({COLUMNS}) FROM snap") == "ok"
    value(store, f"SELECT vx_snapshot_restore(?, {COLUMNS}) FROM snap", directory + "/restored")
    restored = connect(directory + "/restored/database.db", vectorlite)
    found = nearest(restored)
    assert len(found) == 5 and found[0] == (2001,) and found == nearest(live), found
    restored.close()

    # As a stream, here into a file.
    with open(directory + "/stream.tar", "wb") as tar:
        stream(live, tar.write)
    assert verify(live, directory + "/stream.tar") == "ok"

    # Damage is text for verify, and an exception for restore.
    store.execute("UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536")
    verdict = value(store, f"SELECT vx_snapshot_verify({COLUMNS}) FROM snap")
    assert verdict.startswith("database.db: checksum mismatch: "), verdict
    try:
        value(store, f"SELECT vx_snapshot_restore(?, {COLUMNS}) FROM snap", directory + "/damaged")
        raise SystemExit("a damaged snapshot was restored")
    except sqlite3.DatabaseError as error:
        assert str(error) == "vx_snapshot_restore: " + verdict, error
    try:
        value(live, "SELECT * FROM vx_snapshot_chunks('abc')")
        raise SystemExit("chunk_size 'abc' was taken")
    except sqlite3.Error as error:
        assert str(error) == "vx_snapshot_chunks: chunk_size must be an integer from 512 to 268435456, got 'abc'", error

    # Four threads, each with a connection of its own. live has flushed, but is still
    # open, so that only 'disk' takes the files.
    verdicts = []

    def work():
        db = connect(database, vxsnap)
        verdicts.append(value(db, f"SELECT vx_snapshot_verify({COLUMNS}) FROM vx_snapshot_chunks(4096, 'main', 'disk')"))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts == ["ok"] * 4, verdicts
    print(f"done, {size} bytes, {time.monotonic() - start:.2f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
