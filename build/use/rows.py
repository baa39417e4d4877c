"""The installed wheel: rows of a live database, verified and restored."""
import os
import pathlib
import sqlite3

import vxsnap

live = sqlite3.connect("python.db", isolation_level=None, cached_statements=0)
live.execute("CREATE TABLE t AS SELECT zeroblob(300000) AS a")
vxsnap.load(live)
assert live.execute("SELECT vx_snapshot_version()").fetchone() == ("v" + vxsnap.__version__,)


def percents(seen):
    """What a progress function got, as percentages that rise to 100."""
    assert all(total == seen[0][1] > 300000 for _, total in seen) and len(seen) == -(-seen[0][1] // 10000), seen
    percents = [100 * done // total for done, total in seen]
    assert percents == sorted(percents) and percents[-1] == 100 and seen[-1][0] == seen[-1][1], percents


seen = []
rows = list(vxsnap.snapshot(live, chunk_size=10000, progress=lambda *bytes: seen.append(bytes)))
percents(seen)
seen = []
assert vxsnap.verify(rows, progress=lambda *bytes: seen.append(bytes)) == "ok"
percents(seen)
assert vxsnap.verify(reversed(rows)) == "ok"
assert vxsnap.verify(rows[:-1]).startswith("incomplete: no end row"), vxsnap.verify(rows[:-1])
seen = []
report = vxsnap.restore(vxsnap.snapshot(live, chunk_size=10000), "restored", progress=lambda *bytes: seen.append(bytes))
percents(seen)
assert report["total_size"] == seen[-1][1]
assert pathlib.Path("python.db").read_bytes() == pathlib.Path("restored/database.db").read_bytes()

# Compressed rows: progress is of the bytes of the files all the same.
packed, seen = list(vxsnap.snapshot(live, 10000, compression="zstd", progress=lambda *bytes: seen.append(bytes))), []
assert sum(len(row.data or b"") for row in packed) < 100000, "nothing was compressed"
assert vxsnap.verify(packed, progress=lambda *bytes: seen.append(bytes)) == "ok"
percents(seen)
assert vxsnap.verify(reversed(packed), progress=lambda done, total: None) == "ok"
vxsnap.restore(packed, "unpacked")
assert pathlib.Path("python.db").read_bytes() == pathlib.Path("unpacked/database.db").read_bytes()

# Damage is said, not stumbled over, where there is progress too.
for metadata in ["", "[]", '{"total_size": "x"}', '{"files": 5}', rows[0].metadata_json.replace("10000", '"x"')]:
    damaged = [rows[0]._replace(metadata_json=metadata), *rows[1:]]
    verdict = vxsnap.verify(damaged)
    assert verdict != "ok" and vxsnap.verify(damaged, progress=lambda done, total: None) == verdict, verdict
for odd in [{"offset": "x"}, {"offset": None}, {"data": 5}, {"data": "x"}, {"file_name": 5}, {"seq": "x"}, {"metadata_json": 5}]:
    damaged = [rows[0], rows[1]._replace(**odd), *rows[2:]]
    verdict = vxsnap.verify(damaged)
    assert verdict != "ok" and vxsnap.verify(damaged, progress=lambda done, total: None) == verdict, verdict
try:
    vxsnap.restore(rows[:-1], "damaged")
    raise SystemExit("an incomplete snapshot was restored")
except sqlite3.DatabaseError as error:
    assert "incomplete" in str(error), error


class Enough(Exception):
    pass


def enough(done, total):
    if done > total // 2:
        raise Enough


try:
    vxsnap.restore(vxsnap.snapshot(live), "damaged", progress=enough)
    raise SystemExit("progress could not end a restore")
except Enough as error:
    kept = error  # with its traceback


def broken():
    yield rows[0]
    raise Enough("of rows")


for work in (lambda: vxsnap.verify(broken()), lambda: vxsnap.restore(broken(), "damaged")):
    try:
        work()
        raise SystemExit("what the rows raised was lost")
    except Enough as error:
        assert str(error) == "of rows"
assert not [name for name in os.listdir(".") if "damaged" in name], os.listdir(".")
live.execute("INSERT INTO t VALUES (1)")  # no snapshot is open any more
