"""The installed wheel, as docs/python.md shows it: nights in a store, and an increment between two machines."""
import sqlite3

import vxsnap

live = sqlite3.connect("app.db", isolation_level=None, cached_statements=0)
live.execute("CREATE TABLE IF NOT EXISTS t AS SELECT randomblob(1000000) AS b")
vxsnap.load(live)

vxsnap.Store.create("nights.db").close()  # once; a store that is not there is an error later
with vxsnap.Store("nights.db") as store:
    store.save("app.db")  # or a connection; of the chunks, those that differ
    store.prune(keep_daily=7, keep_weekly=4)
    for night in store.list():  # n, snapshot_id, created_at, total_size
        print(night.n, night.created_at, store.verify(night.n))
    store.restore(night.n, "copy")

base = vxsnap.manifest("copy", 4096)                    # there: the digests, 32 bytes for each 4 KiB
rows = vxsnap.snapshot(live, base=base)                 # here: what differs
vxsnap.restore(rows, "newer", base_directory="copy")    # there; every byte is checked
