"""The installed wheel: a tar stream into a file, a pipe and an HTTP response, whole and broken off."""
import contextlib
import http.client
import http.server
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import threading

import vxsnap


def connect():
    connection = sqlite3.connect("stream.db", isolation_level=None, cached_statements=0)
    vxsnap.load(connection)
    return connection


live = connect()
live.execute("CREATE TABLE t AS SELECT randomblob(24000000) AS a")
writer = sqlite3.connect("stream.db", isolation_level=None, timeout=0)


def committed():
    """Whether a writer can commit now, which with a rollback journal needs that nobody reads."""
    try:
        writer.execute("UPDATE t SET a = randomblob(24000000)")
        return True
    except sqlite3.OperationalError as error:
        assert str(error) == "database is locked", error
        return False


def same(name):
    return pathlib.Path(name).read_bytes() == pathlib.Path("stream.db").read_bytes()


# Pieces have the size that was asked for, and are what save writes; tar reads them.
for name, compression in (("whole.tar", None), ("whole.tar.zst", "zstd")):
    pieces = list(vxsnap.tar(live, 100000, "main", "none", compression))
    assert {len(piece) for piece in pieces[:-1]} == {100000} and 0 < len(pieces[-1]) <= 100000
    pathlib.Path(name).write_bytes(b"".join(pieces))
    assert vxsnap.verify(name) == "ok"
assert subprocess.run(["tar", "-tf", "whole.tar"], check=True, capture_output=True).stdout.split() == [b"metadata.json", b"database.db", b"END"]

# Nothing is made before it is asked for, and who breaks off lets the writer go on.
for iterator in (vxsnap.tar(live), vxsnap.tar(live, compression="zstd"), vxsnap.snapshot(live), vxsnap.snapshot(live, compression="zstd")):
    assert committed(), "an iterator that was not used yet holds a moment"
    for i, _ in enumerate(iterator):
        if i == 20:
            break
    assert not committed(), "the moment ended too early"
    iterator.close()
    assert committed(), "an iterator that was closed holds a moment"
    assert next(iterator, None) is None
for _ in vxsnap.tar(live):
    break  # nobody has the iterator any more
assert committed(), "an iterator that nobody has holds a moment"
assert "held now: 0 moments, 0 blocks" in live.execute("SELECT vx_snapshot_debug()").fetchone()[0]

# A pipe: what is written on one end is restored on the other.
reading, writing = os.pipe()


def fill():
    with open(writing, "wb") as pipe:
        pipe.writelines(vxsnap.tar(connect(), compression="zstd"))


thread = threading.Thread(target=fill)
thread.start()
seen = []
vxsnap.restore(f"/dev/fd/{reading}", "piped", progress=lambda *bytes: seen.append(bytes))
thread.join()
os.close(reading)
assert same("piped/database.db") and seen[-1] == (os.path.getsize("stream.db"),) * 2


# HTTP: a response of which the length is not known, whole and broken off half way.
class Handler(http.server.BaseHTTPRequestHandler):
    broken = threading.Event()

    def do_GET(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        self.send_response(200)
        self.end_headers()
        with contextlib.closing(connect()) as own, contextlib.closing(vxsnap.tar(own)) as pieces:
            try:
                self.wfile.writelines(pieces)
            except OSError:
                pieces.close()
                self.broken.set()

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever).start()


def get():
    client = http.client.HTTPConnection(*server.server_address)
    client.connect()
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    client.request("GET", "/")
    return client.getresponse()


with get() as response, open("got.tar", "wb") as file:
    shutil.copyfileobj(response, file)
assert vxsnap.verify("got.tar") == "ok"
vxsnap.restore("got.tar", "got")
assert same("got/database.db")
with get() as response:
    response.read(100000)
    assert not committed(), "a client that does not read did not hold the stream up"
assert Handler.broken.wait(60) and committed(), "a response that was broken off holds a moment"
server.shutdown()
server.server_close()
