# A restore whose statement fails: late.py LIBRARY STORE DIRECTORY prints of each
# way the error, and whether the directory is there.
import os, sqlite3, sys

library, store, directory = sys.argv[1:]
connection = sqlite3.connect(store)
connection.enable_load_extension(True)
connection.load_extension(library)


def fail():
    raise ValueError("no")


def stop():
    connection.interrupt()
    return 0


connection.create_function("fail", 0, fail)
connection.create_function("stop", 0, stop)
for name, rows in [
    ("all rows, then an error", "snap UNION ALL SELECT * FROM snap WHERE seq = 0 AND fail()"),
    ("some rows, then an error", "snap WHERE seq < 2 UNION ALL SELECT * FROM snap WHERE seq = 0 AND fail()"),
    ("all rows, then an interrupt", "snap UNION ALL SELECT * FROM snap WHERE stop()"),
]:
    out = os.path.join(directory, name)
    columns = "seq, file_name, offset, data, is_last, metadata_json"
    try:
        connection.execute(f"SELECT vx_snapshot_restore(?, {columns}) FROM (SELECT * FROM {rows})", [out]).fetchall()
        error = "no error"
    except sqlite3.Error as e:
        error = e
    print(f"{name}: {error}: {'there' if os.path.exists(out) else 'not there'}")
