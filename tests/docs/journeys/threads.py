"""A Python service with threads: some write, and others save, verify and restore meanwhile. Every
backup shows one moment: the money of a bank whose accounts are written two at a time is all there.

Runs in a new folder, with the package vxsnap.
"""
import concurrent.futures
import contextlib
import random
import sqlite3
import threading

import vxsnap

ACCOUNTS, MONEY, BACKUPS = 1000, 100000, 4

with contextlib.closing(sqlite3.connect("bank.db", isolation_level=None)) as bank:
    bank.execute("PRAGMA journal_mode = WAL")
    bank.execute("CREATE TABLE account(id INTEGER PRIMARY KEY, money INTEGER, note BLOB)")
    bank.executemany("INSERT INTO account VALUES (?, ?, randomblob(1000))", ((i, MONEY // ACCOUNTS) for i in range(ACCOUNTS)))
vxsnap.Store.create("nights.db").close()
done = threading.Event()
paid = threading.Condition()
moved = [0, 0]


def pay(writer):
    """Moves money between two accounts until all backups are taken."""
    with contextlib.closing(sqlite3.connect("bank.db", isolation_level=None, timeout=60)) as bank:
        while not done.is_set():
            giver, taker = random.sample(range(ACCOUNTS), 2)
            bank.execute("BEGIN IMMEDIATE")
            bank.execute("UPDATE account SET money = money - 1, note = randomblob(1000) WHERE id = ?", (giver,))
            bank.execute("UPDATE account SET money = money + 1 WHERE id = ?", (taker,))
            bank.execute("COMMIT")
            with paid:
                moved[writer] += 1
                paid.notify_all()


def backup(i):
    """In a thread of its own: a file, which is verified and restored."""
    path = f"backup-{i}.tar.zst"
    vxsnap.save("bank.db", path)
    if vxsnap.verify(path) != "ok":
        raise SystemExit(f"{path} is damaged")
    vxsnap.restore(path, f"restored-{i}")
    check(f"restored-{i}")


def night(i):
    """The same with a store that the threads share, each on a connection of its own."""
    with vxsnap.Store("nights.db") as store:
        n = store.save("bank.db").n
        if store.verify(n) != "ok":
            raise SystemExit(f"night {n} is damaged")
        store.restore(n, f"night-{n}")
        check(f"night-{n}")
        return n


def stream():
    """Nobody who writes waits for a snapshot that has begun and is not at its end."""
    with contextlib.closing(vxsnap.tar("bank.db", compression="zstd")) as pieces, open("stream.tar.zst", "wb") as file:
        file.write(next(pieces))
        with paid:
            before = sum(moved)
            if not paid.wait_for(lambda: sum(moved) > before + 10, timeout=60):
                raise SystemExit("a snapshot keeps the writers waiting")
        file.writelines(pieces)
    vxsnap.restore("stream.tar.zst", "streamed")
    check("streamed")


def check(directory):
    with contextlib.closing(sqlite3.connect(f"{directory}/database.db")) as restored:
        found = restored.execute("SELECT sum(money), count(*), (SELECT * FROM pragma_integrity_check) FROM account").fetchone()
    if found != (MONEY, ACCOUNTS, "ok"):
        raise SystemExit(f"{directory}: {found}, must be {(MONEY, ACCOUNTS, 'ok')}")


with concurrent.futures.ThreadPoolExecutor(len(moved) + 2 * BACKUPS + 1) as threads:
    writers = [threads.submit(pay, writer) for writer in range(len(moved))]
    try:
        files = [threads.submit(backup, i) for i in range(BACKUPS)]
        nights = [threads.submit(night, i) for i in range(BACKUPS)]
        streamed = threads.submit(stream)
        numbers = sorted(each.result() for each in nights)
        for each in (*files, streamed):
            each.result()
    finally:
        done.set()
    for writer in writers:
        writer.result()

print(f"{BACKUPS} threads saved, verified and restored files, and {BACKUPS} nights of a store; {sum(moved)} payments went on meanwhile")
if numbers != list(range(1, BACKUPS + 1)):
    raise SystemExit(f"the store has nights {numbers}")
print("a stream waited for payments while it was sent; in no backup is money missing")
print("ok")
