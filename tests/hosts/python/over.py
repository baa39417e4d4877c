"""Restores a saved file over a database whose application has stopped. The files of
before are in DB.old afterwards.

    over.py VXSNAP BACKUP.tar.zst DB
"""
import contextlib
import glob
import os
import shutil
import sqlite3
import sys
import urllib.parse

COLUMNS = "seq, file_name, offset, data, is_last, metadata_json"
vxsnap, backup, db = sys.argv[1], sys.argv[2], os.path.realpath(sys.argv[3])
folder, new, old = os.path.dirname(db), db + ".new", db + ".old"


def ask(path, mode, query, *values):
    uri = f"file:{urllib.parse.quote(path)}?mode={mode}"
    with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        connection.enable_load_extension(True)
        connection.load_extension(vxsnap)
        return [row[0] for row in connection.execute(query, values)]


def same(path):
    with contextlib.suppress(OSError):  # a process that has ended, or is somebody else's
        return os.path.samefile(path, db)


# 1. Nobody has it open. To see every process, be root or the application's user.
if os.path.exists(old):
    sys.exit(f"{old} has the files of before an earlier restore: bring them back, or move it away")
for fd in glob.glob("/proc/[0-9]*/fd/*"):
    if same(fd):
        sys.exit(f"{db} is open ({fd}): stop the application first")

# 2. A new folder beside it. A restore checks every byte; SQLite then checks the rest.
shutil.rmtree(new, ignore_errors=True)
ask(":memory:", "memory", f"SELECT vx_snapshot_restore(?, {COLUMNS}) FROM vx_snapshot_read(?)", new, backup)
if (checked := ask(f"{new}/database.db", "rw", "PRAGMA integrity_check")) != ["ok"]:
    sys.exit(f"{backup}: {checked[0]}")

# 3. What goes: the journals first, then the index files beside it, then the database.
try:
    indexes = ask(db, "ro", "SELECT path FROM vx_snapshot_files WHERE file_type = 'hnsw_index' AND path <> ''")
except sqlite3.DatabaseError as error:  # a damaged database cannot say
    print(f"{db}: {error}: its index files stay where they are", file=sys.stderr)
    indexes = []
indexes = {path for path in map(os.path.realpath, indexes) if os.path.dirname(path) == folder}
come = {name: os.path.join(folder, name) for name in os.listdir(new) if name != "database.db"}
for path in come.values():
    if os.path.exists(path) and path not in indexes:
        sys.exit(f"{path} is there, and no index file of {db}: move it away")
owner, mode = os.stat(db), os.stat(db).st_mode & 0o777
for name in os.listdir(new):
    os.chown(os.path.join(new, name), owner.st_uid, owner.st_gid)
    os.chmod(os.path.join(new, name), mode)
os.mkdir(old)
for path in (db + "-journal", db + "-wal", db + "-shm", *indexes, db):
    if os.path.exists(path):
        os.rename(path, os.path.join(old, os.path.basename(path)))

# 4. What comes, and 5. its tables name the index files beside it.
for name, path in come.items():
    os.rename(os.path.join(new, name), path)
os.rename(f"{new}/database.db", db)
os.rmdir(new)
ask(db, "rw", "SELECT vx_snapshot_relocate()")
print(f"{db} is restored; the files of before are in {old}")
