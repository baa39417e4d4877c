"""The installed wheel: many nights in a store, and increments on a manifest."""
import contextlib
import datetime
import os
import pathlib
import sqlite3
import subprocess
import sys
import tracemalloc

import vxsnap
from refused import refused


def connect():
    connection = sqlite3.connect("nights-of.db", isolation_level=None, cached_statements=0)
    vxsnap.load(connection)
    return connection


# What each of several processes does: it saves as soon as all have begun.
if len(sys.argv) > 1:
    print("begun", flush=True)
    sys.stdin.readline()
    with vxsnap.Store("nights.db") as store:
        print(*[store.save("nights-of.db", index_files="disk").n for _ in range(4)])
    raise SystemExit

live = connect()
live.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
live.execute("INSERT INTO t(b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT randomblob(200) FROM n")
nights = {}


def change(n):
    nights[n] = pathlib.Path("nights-of.db").read_bytes()
    live.execute("UPDATE t SET b = randomblob(200) WHERE id / 200 = ?", (n,))


# A night costs what changed, of a path as of a connection.
store = vxsnap.Store.create(pathlib.Path("nights.db"))
before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(milliseconds=1)
first = store.save("nights-of.db")
size = os.path.getsize("nights.db")
assert first.n == 1 and first.total_size == os.path.getsize("nights-of.db") and first.snapshot_id.startswith("snap_"), first
assert before <= first.created_at <= datetime.datetime.now(datetime.timezone.utc), (before, first)
change(1)
assert store.save(live, schema="main", index_files="none").n == 2
change(2)
assert os.path.getsize("nights.db") - size < size / 10, (size, os.path.getsize("nights.db"))
assert [(each.n, each.total_size) for each in store.list()] == [(1, first.total_size), (2, len(nights[2]))] and store.list()[0] == first

# Every night comes back as it was.
for n in (1, 2):
    assert store.verify(n) == "ok" == vxsnap.verify(store.rows(n))
    report = store.restore(n, pathlib.Path(f"night-{n}"))
    assert report["directory"] == os.path.realpath(f"night-{n}") and report["snapshot_id"] == store.list()[n - 1].snapshot_id
    assert pathlib.Path(f"night-{n}/database.db").read_bytes() == nights[n], n
    seen = []
    vxsnap.restore(store.rows(n), f"rows-{n}", lambda *bytes: seen.append(bytes))
    assert seen[-1] == (len(nights[n]),) * 2 and pathlib.Path(f"rows-{n}/database.db").read_bytes() == nights[n], n
    os.remove(f"rows-{n}/database.db")
assert store.check() == []

# No row is kept: not in memory, not in a temporary file of SQLite.
def look():
    looked.append([name for name in map(lambda fd: os.readlink(f"/proc/self/fd/{fd}"), opened()) if "etilqs" in name])


def opened():
    return [fd for fd in os.listdir("/proc/self/fd") if os.path.islink(f"/proc/self/fd/{fd}")]


looked = []
with vxsnap.Store.create("memory.db", chunk_size=8192, compression="zstd") as other:
    left = iter([0] * 10)
    live.set_progress_handler(lambda: next(left, 1), 200)  # in the middle of the rows
    refused(sqlite3.OperationalError, "interrupted", other.save, live)
    assert other.list() == [] == other.check()
    live.set_progress_handler(look, 200)
    tracemalloc.start()
    other.save(live)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    live.set_progress_handler(None, 0)
    assert len(looked) > 10 and not any(looked), looked
    rows = list(other.rows(1))
    assert '"chunk_size":8192' in rows[0].metadata_json, rows[0]
    assert vxsnap.verify(rows) == "ok"
    with contextlib.closing(sqlite3.connect("memory.db")) as db:
        assert db.execute("SELECT chunk_size, compression FROM setting").fetchone() == (8192, "zstd")
refused(sqlite3.ProgrammingError, "closed", other.list)
other.close()

# Processes that save at once wait for each other, and none of their nights is lost.
others = [subprocess.Popen([sys.executable, __file__, "save"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
for each in others:
    assert each.stdout.readline() == "begun\n"
for each in others:
    each.stdin.write("go\n")
    each.stdin.flush()
numbers = sorted(int(n) for each in others for n in each.communicate()[0].split())
assert numbers == list(range(3, 19)) == [each.n for each in store.list()][2:], numbers
with contextlib.closing(sqlite3.connect("nights.db", isolation_level=None)) as holder:
    holder.execute("BEGIN IMMEDIATE")
    with vxsnap.Store("nights.db", timeout=0) as hurried:
        for work in (lambda: hurried.save(live), lambda: hurried.prune(keep_last=1)):
            refused(sqlite3.OperationalError, "another connection used it for 0 s: database is locked; try again when it has ended", work)
    holder.execute("ROLLBACK")

# Fewer nights: what stays is whole, and the next nights fit into the space.
with contextlib.closing(sqlite3.connect("nights.db")) as db, db:
    db.execute("UPDATE snapshot SET created_at = created_at - 86400000 * (18 - n)")
assert store.prune(keep_last=1, keep_daily=3) == 15 and [each.n for each in store.list()] == [16, 17, 18]
store.drop(17)
assert [each.n for each in store.list()] == [16, 18] and store.check() == []
size = os.path.getsize("nights.db")
assert store.save(live).n == 19 and os.path.getsize("nights.db") == size
assert store.prune(keep_weekly=1, keep_monthly=1) == 2 and [each.n for each in store.list()] == [19]

# Damage is told: of a chunk, of the tables.
with contextlib.closing(sqlite3.connect("nights.db")) as db, db:
    (at,) = db.execute("SELECT max(id) FROM data").fetchone()
    db.execute("UPDATE data SET data = zeroblob(length(data)) WHERE id = ?", (at,))
assert store.verify(19).startswith("database.db: checksum mismatch: "), store.verify(19)
assert store.check() == [f"snapshot 19: {store.verify(19)}"], store.check()
refused(sqlite3.DatabaseError, "database.db: checksum mismatch: ", store.restore, 19, "damaged")
with contextlib.closing(sqlite3.connect("nights.db")) as db, db:
    db.execute("DELETE FROM chunk WHERE id = ?", (at,))
assert any("snapshot 19: there are " in each for each in store.check()), store.check()

# A save that fails leaves the store as it was.
kept = store.list()
refused(sqlite3.InterfaceError, "index_files must be 'auto', 'disk' or 'none', got 'all'", store.save, live, "main", "all")
refused(sqlite3.InterfaceError, "schema must be 'main', 'temp' or the name of an attached database, got 'side'", store.save, live, "side")
assert store.list() == kept

# What is wrong with an argument.
none = "there is no snapshot 7 in '"
refused(sqlite3.InterfaceError, none, store.verify, 7)
refused(sqlite3.InterfaceError, none, store.restore, 7, "damaged")
refused(sqlite3.InterfaceError, none, store.drop, 7)
refused(sqlite3.InterfaceError, none, next, store.rows(7))
refused(sqlite3.IntegrityError, "each 0 or more and one at least 1", store.prune)
refused(sqlite3.OperationalError, "no.db': unable to open database file; it must be there", vxsnap.Store, "no.db")
refused(sqlite3.OperationalError, "no.db': unable to open database file; it must be there", store.save, "no.db")
refused(sqlite3.OperationalError, "nights.db' has tables already", vxsnap.Store.create, "nights.db")
refused(sqlite3.InterfaceError, "chunk_size must be an integer from 512 to 268435456, got 511", vxsnap.Store.create, "no.db", 511)
refused(sqlite3.InterfaceError, "compression must be 'zstd', or None for none, got 'gzip'", vxsnap.Store.create, "no.db", 512, "gzip")
pathlib.Path("text").write_text("text" * 1000)
for call in (vxsnap.Store, vxsnap.Store.create):
    refused(sqlite3.DatabaseError, "text' is not a store of version 1; make one with Store.create", call, "text")
refused(sqlite3.DatabaseError, "nights-of.db' is not a store of version 1", vxsnap.Store, "nights-of.db")
store.close()

# Increments: only what the base has not, of rows and of a directory.
full = list(vxsnap.snapshot(live, 4096))
base = vxsnap.manifest(full)
vxsnap.restore(full, "base")
assert vxsnap.manifest(reversed(full)) == base and vxsnap.manifest("base", 4096) != vxsnap.manifest(pathlib.Path("base"))
change(60)
for n, made in enumerate((base, vxsnap.manifest(pathlib.Path("base"), chunk_size=4096))):
    rows = list(vxsnap.snapshot(live, base=made))
    assert 3 < len(rows) < len(full) / 10, len(rows)
    assert vxsnap.verify(rows).startswith("ok, with base " + ("snap_" if n == 0 else "")), vxsnap.verify(rows)
    assert vxsnap.verify(reversed(rows), base_directory=pathlib.Path("base")) == "ok"
    assert vxsnap.verify(rows[:2] + rows[3:], base_directory="base") != "ok"
    vxsnap.restore(iter(rows), f"newer-{n}", base_directory="base")
    assert pathlib.Path(f"newer-{n}/database.db").read_bytes() == pathlib.Path("nights-of.db").read_bytes()
    refused(sqlite3.DatabaseError, "take an increment on vx_snapshot_manifest(base_directory)", vxsnap.restore, rows, "damaged", base_directory="night-2")
    refused(sqlite3.DatabaseError, "pass the directory that has it as the last argument, base_directory", vxsnap.restore, rows, "damaged")
refused(sqlite3.InterfaceError, "base has chunks of 4096 bytes, chunk_size is 8192", next, vxsnap.snapshot(live, 8192, base=base))
refused(sqlite3.InterfaceError, "vx_snapshot_manifest: directory must be TEXT, got 5", vxsnap.manifest, 5)
refused(TypeError, "rows have the one that they were made with", vxsnap.manifest, rows, 4096)
live.execute("INSERT INTO t VALUES (NULL, NULL)")  # no snapshot is open any more
