# A host that uses up its descriptors: a load is refused, and succeeds when there are
# some again; afterwards a statement may be an error, and the host goes on.
# descriptors.py LIBRARY DATABASE DIRECTORY
import os, resource, sqlite3, sys

library, database, directory = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
connection = sqlite3.connect(database)
connection.enable_load_extension(True)
list(connection.execute("SELECT * FROM sqlite_schema"))

def use_up():
    held = []
    try:
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        return held

def give_back(held):
    for fd in held:
        os.close(fd)

def load():
    try:
        connection.load_extension(library)
        return "loaded"
    except sqlite3.Error as error:
        return str(error)

held = use_up()
give_back([held.pop() for _ in range(4)])
print(load())
give_back(held)
print(load())
held = use_up()
for _ in range(3):
    try:
        connection.execute("SELECT vx_snapshot_restore(?, seq, file_name, offset, data, is_last, metadata_json)"
                           " FROM vx_snapshot_chunks", (directory,)).fetchall()
        print("restored")
    except sqlite3.Error as error:
        print(type(error).__name__)
give_back(held)
connection.execute("SELECT vx_snapshot_restore(?, seq, file_name, offset, data, is_last, metadata_json)"
                   " FROM vx_snapshot_chunks", (directory,)).fetchall()
print("restored")
