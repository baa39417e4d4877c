# A connection that has vxsnap, used in children of fork() and of a plain clone(),
# of which no handler of the C library knows: every function and table is an error
# there, none hangs. fork.py LIBRARY DATABASE FORKS
import ctypes, multiprocessing, os, platform, signal, sqlite3, sys, time

library, database, forks = sys.argv[1], sys.argv[2], int(sys.argv[3])
MESSAGE = "vxsnap was loaded before fork(): load it in the child only, or start the child with exec (in Python, multiprocessing's spawn)"

def connect():
    connection = sqlite3.connect(database)
    connection.enable_load_extension(True)
    connection.load_extension(library)
    return connection

def refused(connection, cursor):
    queries = [
        "SELECT vx_snapshot_version()", "SELECT vx_snapshot_debug()", "SELECT vx_snapshot_flush()",
        "SELECT vx_snapshot_save('x.tar')", "SELECT * FROM vx_snapshot_read('x.tar')", "SELECT * FROM vx_snapshot_tar",
        "SELECT * FROM vx_snapshot_chunks", "SELECT * FROM vx_snapshot_files", "SELECT * FROM vx_snapshot_pin",
        "SELECT vx_snapshot_verify(1, NULL, NULL, NULL, 0, NULL)",
        "SELECT vx_snapshot_restore('x', 1, NULL, NULL, NULL, 0, NULL)",
    ]
    for query in queries:
        try:
            connection.execute(query).fetchall()
            return "no error: " + query
        except sqlite3.Error as error:
            if str(error) != MESSAGE:
                return f"{query}: {error}"
    try:
        cursor.fetchall()
        return "a cursor of the parent went on"
    except sqlite3.Error as error:
        if str(error) != MESSAGE:
            return str(error)
    try:
        connect()
        return "it was loaded once more"
    except sqlite3.Error as error:
        if MESSAGE not in str(error):
            return "a load: " + str(error)
    connection.close()
    return ""

def clone():
    number = 56 if platform.machine() == "x86_64" else 220
    return ctypes.PyDLL(None).syscall(number, signal.SIGCHLD, 0, 0, 0, 0)

def child_loads():
    count, = connect().execute("SELECT count(*) FROM vx_snapshot_chunks(512)").fetchone()
    sys.exit(0 if count > 2 else 1)

if __name__ == "__main__":
    connection = connect()
    cursor = connection.execute("SELECT * FROM vx_snapshot_chunks(512)")
    cursor.fetchone()
    for i in range(forks):
        pid = clone() if i % 2 else os.fork()
        if pid == 0:
            problem = refused(connection, cursor)
            if problem:
                print(problem, flush=True)
            os._exit(1 if problem else 0)
        deadline = time.monotonic() + 20
        while True:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                sys.exit(f"fork {i}: the child hangs")
            time.sleep(0.001)
        if status != 0:
            sys.exit(f"fork {i}: status {status}")
    # A child that loads the extension itself, in a process of its own, works.
    child = multiprocessing.get_context("spawn").Process(target=child_loads)
    child.start()
    child.join(60)
    if child.exitcode != 0:
        sys.exit(f"spawned child: {child.exitcode}")
    print(f"{forks} forks refused, 1 spawn works,", len(cursor.fetchall()) > 2)
