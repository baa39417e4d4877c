"""The installed wheel: vectors, paths of databases, temporary files, and where the extension is found."""
import glob
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

import vxsnap
from refused import refused

VECTOR = "vector_from_json('[1, 0.1]')"
SEARCH = f"SELECT title FROM docs_vec JOIN docs ON id = docs_vec.rowid WHERE knn_search(v, knn_param({VECTOR}, 2))"


def opened(part):
    """What any thread has open that has this in its name."""
    return {name for name in map(os.path.realpath, glob.glob("/proc/self/task/*/fd/*")) if part in name}


def with_vectors(path):
    connection = vxsnap.connect(path)
    connection.enable_load_extension(True)
    connection.load_extension(os.environ["VECTORLITE"])
    return connection


# Vectors: what a connection has in memory is flushed, and is in the snapshot.
pathlib.Path("app.db").touch()
live = with_vectors("app.db")
live.execute("CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT)")
live.execute("CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[2], hnsw(max_elements=100), 'docs.idx')")
live.execute("INSERT INTO docs VALUES (1, 'tea'), (2, 'coffee'), (3, 'stars')")
insert = live.cursor()
insert.executemany("INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))", [(1, "[1, 0]"), (2, "[0.9, 0.1]"), (3, "[0, 1]")])
refused(sqlite3.InterfaceError, "the prepared statement 'INSERT INTO docs_vec", vxsnap.flush, live)
insert.close()
refused(sqlite3.InterfaceError, "run SELECT vx_snapshot_flush() first", vxsnap.save, live, "early.tar")
assert vxsnap.flush(live) == 1
assert len(vxsnap.save(live, "app.tar.zst")["files"]) == 2
live.close()

# A restored directory that is moved names its new place, by its path, that of its database, or on a connection.
assert vxsnap.verify("app.tar.zst") == "ok"
for name in ("directory", "file", "connection"):
    vxsnap.restore("app.tar.zst", "restored")
    os.rename("restored", name)
    if name == "connection":
        with_own = vxsnap.connect("connection/database.db")
        assert vxsnap.relocate(with_own) == 1
        with_own.close()
    else:
        assert vxsnap.relocate(name if name == "directory" else pathlib.Path("file/database.db")) == 1
    moved = with_vectors(f"{name}/database.db")
    assert [title for (title,) in moved.execute(SEARCH)] == ["tea", "coffee"], name
    moved.close()
refused(sqlite3.OperationalError, "no/database.db': unable to open database file", vxsnap.relocate, "no/database.db")

# Paths of databases: on a connection of their own, which ends with the iterator. A mistyped one is no new database.
plain = sqlite3.connect("plain.db", isolation_level=None)
plain.execute("CREATE TABLE t AS SELECT randomblob(3000000) AS a")
plain.close()
assert vxsnap.save(pathlib.Path("plain.db"), "plain.tar")["files"][0]["file_size"] == os.path.getsize("plain.db")
rows = list(vxsnap.snapshot("plain.db"))
assert vxsnap.verify(rows) == "ok" and not opened("plain.db"), opened("plain.db")
assert b"".join(vxsnap.tar("plain.db"))[:13] == b"metadata.json" and not opened("plain.db"), opened("plain.db")
for iterator in (vxsnap.snapshot("plain.db"), vxsnap.tar("plain.db")):
    next(iterator)
    assert opened("plain.db")
    iterator.close()
    assert not opened("plain.db"), opened("plain.db")
missing = "no.db': unable to open database file; it must be there, and be a database"
refused(sqlite3.OperationalError, missing, vxsnap.connect, "no.db")
refused(sqlite3.OperationalError, missing, vxsnap.save, "no.db", "no.tar")
for iterator in (vxsnap.snapshot("no.db"), vxsnap.tar("no.db")):
    refused(sqlite3.OperationalError, missing, next, iterator)
odd = "od d%3f?#ü.db"
shutil.copy("plain.db", odd)
assert vxsnap.save(odd, "odd.tar")["total_size"] == os.path.getsize(odd) == os.path.getsize("plain.db")

# No second copy of a database in a file: in no verb is a temporary file open, but for one in memory.
seen = []


def look(done, total):
    # As vxsnap and as SQLite name temporary files, which have no name any more.
    seen.append([name for name in opened("(deleted)") if os.path.basename(name).startswith((".vxsnap-", "etilqs_"))])


for work in (
    lambda: vxsnap.verify(vxsnap.snapshot("plain.db", 4096), look), lambda: vxsnap.restore(vxsnap.snapshot("plain.db", 4096), "1", look),
    lambda: vxsnap.verify("plain.tar", look), lambda: vxsnap.restore("plain.tar", "2", look),
    lambda: vxsnap.restore(vxsnap.read("plain.tar"), "3", look), lambda: [look(0, 0) for _ in vxsnap.tar("plain.db")],
):
    del seen[:]
    work()
    assert len(seen) > 40 and not any(seen), seen
memory = sqlite3.connect(":memory:", isolation_level=None)
vxsnap.load(memory)
memory.execute("CREATE TABLE t AS SELECT randomblob(3000000) AS a")
del seen[:]
vxsnap.restore(vxsnap.snapshot(memory), "4", look)
assert all(len(each) == 1 for each in seen), seen

# Where the extension is: beside the package, in a checkout, or where VXSNAP says.
package = os.path.dirname(vxsnap.__file__)
checkout = os.path.abspath("checkout")
shutil.copytree(package, "checkout/build/python/vxsnap", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
shutil.copytree(package, "elsewhere/vxsnap", ignore=shutil.ignore_patterns("*.so", "__pycache__"))


def said(folder, **environment):
    script = "import vxsnap; print(vxsnap.loadable_path()); print(vxsnap.connect('plain.db').execute('SELECT vx_snapshot_version()').fetchone()[0])"
    environment = {**{name: v for name, v in os.environ.items() if name != "VXSNAP"}, "PYTHONPATH": folder, **environment}
    return subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)


version = "\nv" + vxsnap.__version__ + "\n"
assert "FileNotFoundError: there is no file '" + checkout in said("checkout/build/python").stderr
assert "run make in a checkout, or name the file in the environment variable VXSNAP" in said("elsewhere").stderr
shutil.copy(package + "/vxsnap.so", "checkout/vxsnap.so")
assert said("checkout/build/python").stdout == checkout + "/vxsnap" + version
assert said("elsewhere", VXSNAP="checkout/vxsnap.so").stdout == checkout + "/vxsnap" + version
assert f"there is no file '{checkout}/no.so', which VXSNAP names" in said("checkout/build/python", VXSNAP="checkout/no.so").stderr


class WithoutExtensions:
    pass


refused(sqlite3.NotSupportedError, "the sqlite3 of this Python was built without extensions", vxsnap.load, WithoutExtensions())
