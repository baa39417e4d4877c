"""The installed wheel: a file that is saved, read, verified and restored."""
import glob
import hashlib
import os
import pathlib
import sqlite3
import threading
import tracemalloc

import vxsnap
from refused import refused

live = sqlite3.connect("saved.db", isolation_level=None, cached_statements=0)
live.execute("CREATE TABLE t AS SELECT randomblob(3000000) AS a, zeroblob(3000000) AS b")
vxsnap.load(live)


def same(name):
    return pathlib.Path(name).read_bytes() == pathlib.Path("saved.db").read_bytes()


# Both kinds of file, by name and as a path.
plain, packed = "plain.tar", pathlib.Path("packed.tar.zst")
for path in (plain, packed):
    report = vxsnap.save(live, path)
    assert report["path"] == os.path.realpath(path) and report["size"] == os.path.getsize(path), report
    assert report["total_size"] == os.path.getsize("saved.db") == report["files"][0]["file_size"], report
    assert vxsnap.verify(path) == "ok" == vxsnap.verify(vxsnap.read(path))
    assert next(row for row in vxsnap.read(path)).metadata_json.count(report["snapshot_id"]) == 1

    # Progress of a path: the bytes of the files so far and in all, row by row.
    total, steps = report["total_size"], -(-report["total_size"] // 65536)
    want = [(min(65536 * i, total), total) for i in range(1, steps + 1)]
    for step, work in enumerate((
        lambda progress: vxsnap.verify(path, progress=progress),
        lambda progress: list(vxsnap.read(path, progress=progress)),
        lambda progress: vxsnap.restore(path, pathlib.Path(f"{path}-progress"), progress),
    )):
        seen = []
        work(lambda *bytes: seen.append(bytes))
        assert seen == want, (step, seen)
    assert same(f"{path}-progress/database.db")
    assert vxsnap.restore(path, f"{path}-restored")["files"][0]["file_size"] == total
    assert same(f"{path}-restored/database.db")
assert os.path.getsize(packed) < os.path.getsize(plain) * 2 / 3
assert vxsnap.save(live, "named.tar", schema="main", index_files="none")["files"][0]["file_name"] == "database.db"

# A progress function that raises ends the work.
class Enough(Exception):
    pass


def enough(done, total):
    if done > total // 2:
        raise Enough("enough")


refused(Enough, "enough", vxsnap.verify, plain, progress=enough)
refused(Enough, "enough", vxsnap.restore, plain, "ended", progress=enough)
refused(Enough, "enough", list, vxsnap.read(packed, progress=enough))

# read keeps no rows, and its file and connection end with the iterator.
def descriptors():
    # Of every thread: vxsnap reads in one that has a table of descriptors of its own.
    return {name for name in map(os.path.realpath, glob.glob("/proc/self/task/*/fd/*")) if "packed" in name}


tracemalloc.start()
assert sum(len(row.data or b"") for row in vxsnap.read(packed)) == total
assert tracemalloc.get_traced_memory()[1] < 1 << 20, tracemalloc.get_traced_memory()
tracemalloc.stop()
rows = vxsnap.read(packed)
for row in rows:
    if row.seq == 2:
        break
assert len(descriptors()) == 1, descriptors()
rows.close()
assert not descriptors(), descriptors()

# One thread after the other may use it, as those of a web server do.
rows, rest = vxsnap.read(packed), []
assert next(rows).seq == 0
thread = threading.Thread(target=lambda: rest.extend(row.seq for row in rows))
thread.start()
thread.join()
assert rest == list(range(1, steps + 2)) and not descriptors(), rest

# What is damaged: a byte within, the end, and all of it.
content = pathlib.Path(plain).read_bytes()
at = len(content) * 3 // 4
for name, bytes_ in [
    ("flipped.tar", content[:at] + bytes([content[at] ^ 1]) + content[at + 1:]), ("short.tar", content[: len(content) // 2]),
    ("short.tar.zst", packed.read_bytes()[:-1000]), ("none.tar", b"no tar stream" * 1000), ("empty.tar", b""),
]:
    pathlib.Path(name).write_bytes(bytes_)
assert vxsnap.verify("flipped.tar").startswith("database.db: checksum mismatch: "), vxsnap.verify("flipped.tar")
assert vxsnap.verify("flipped.tar", progress=lambda done, total: None) == vxsnap.verify("flipped.tar")
refused(sqlite3.DatabaseError, "database.db: checksum mismatch: ", vxsnap.restore, "flipped.tar", "damaged")
for name, text in [
    ("short.tar", "'short.tar': incomplete: "), ("short.tar.zst", "'short.tar.zst': "),
    ("none.tar", "there is no entry of a tar stream"), ("empty.tar", "'empty.tar': incomplete: "),
]:
    for progress in (None, lambda done, total: None):
        refused(sqlite3.DatabaseError, text, vxsnap.verify, name, progress)
        refused(sqlite3.DatabaseError, text, vxsnap.restore, name, "damaged", progress)
    refused(sqlite3.DatabaseError, text, list, vxsnap.read(name))

# What SQL says of other arguments. 3.11 has InterfaceError for a wrong one.
before = hashlib.sha256(content).digest()
refused(sqlite3.OperationalError, "exists, and is not replaced", vxsnap.save, live, plain)
assert hashlib.sha256(pathlib.Path(plain).read_bytes()).digest() == before
refused(sqlite3.OperationalError, "no such file or directory", vxsnap.verify, pathlib.Path("no.tar"))
misuse = sqlite3.InterfaceError
refused(misuse, "vx_snapshot_save: path must be TEXT, the name of a file, got 5", vxsnap.save, live, 5)
refused(misuse, "path 'backup.zip' must end with .tar or .tar.zst", vxsnap.save, live, "backup.zip")
refused(misuse, "vx_snapshot_save: index_files must be 'auto', 'disk' or 'none', got 'all'", vxsnap.save, live, "x.tar", "main", "all")
refused(misuse, "vx_snapshot_read: path must be TEXT, the name of a file, got x'", vxsnap.verify, b"plain.tar")
refused(misuse, "vx_snapshot_read: path must be TEXT, the name of a file, got 5", vxsnap.verify, 5)
refused(misuse, "vx_snapshot_read: path must be TEXT, the name of a file, got NULL", next, vxsnap.read(None))
refused(misuse, "vx_snapshot_restore: directory must be TEXT, got 5", vxsnap.restore, plain, 5)
refused(misuse, "vx_snapshot_tar: chunk_size must be an integer", next, vxsnap.tar(live, chunk_size="many"))
refused(misuse, "vx_snapshot_tar: compression must be 'zstd', or NULL for none, got 'gzip'", next, vxsnap.tar(live, compression="gzip"))
refused(misuse, "vx_snapshot_chunks: compression must be 'zstd', or NULL for none, got 5", next, vxsnap.snapshot(live, compression=5))
