"""The installed wheel, as docs/python.md begins: a backup, its check and its restore; with vectors; as a stream."""
import contextlib
import io
import os
import shutil
import sqlite3
import tempfile

import vxsnap

VECTORLITE = os.environ["VECTORLITE"]
with contextlib.closing(sqlite3.connect("app.db", isolation_level=None)) as made:
    made.enable_load_extension(True)
    made.load_extension(VECTORLITE)
    made.execute("CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[2], hnsw(max_elements=100), 'docs.idx')")
    made.execute("INSERT INTO docs_vec(rowid, v) VALUES (1, vector_from_json('[1, 0]'))")
folder = tempfile.mkdtemp(dir=".")
upload = io.BytesIO().write

report = vxsnap.save("app.db", "night.tar.zst")         # or a connection; .tar is not compressed
if vxsnap.verify("night.tar.zst") != "ok":
    raise SystemExit("the backup is damaged")
vxsnap.restore("night.tar.zst", "restored")             # a new directory, complete or not at all
shutil.move("restored", f"{folder}/moved")
vxsnap.relocate(f"{folder}/moved")                      # after a move: the schema names the index files

live = vxsnap.connect("app.db")                         # mistyped, it is an error, not a new database
live.enable_load_extension(True)
live.load_extension(VECTORLITE)
live.execute("INSERT INTO docs_vec(rowid, v) VALUES (4, vector_from_json('[1, 1]'))")
vxsnap.flush(live)                                      # until then the new vector is in memory alone
vxsnap.save(live, "vectors.tar.zst")

with contextlib.closing(vxsnap.tar("app.db", index_files="disk", compression="zstd")) as pieces:
    for piece in pieces:                                # 64 KiB each, made when it is asked for
        upload(piece)
