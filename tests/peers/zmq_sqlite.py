#!/usr/bin/python3
"""ZeroMQ into SQLite: a worker as one writes it in an afternoon.

Usage: zmq_sqlite.py FOLDER BATCH

Takes events (600 bytes that begin with a number), stores each once with
five sums, commits (WAL, synchronous=FULL) and answers with the numbers.
"""
import sqlite3
import struct
import sys

import zmq

folder, most = sys.argv[1], int(sys.argv[2])
db = sqlite3.connect(folder + "/sink.db", isolation_level=None)
db.executescript(
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "CREATE TABLE IF NOT EXISTS event(id INTEGER PRIMARY KEY, body BLOB);"
    "CREATE TABLE IF NOT EXISTS tally(cell INTEGER PRIMARY KEY, n INTEGER);")
TALLY = ("INSERT INTO tally VALUES(?, 1) "
         "ON CONFLICT (cell) DO UPDATE SET n = n + 1")
router = zmq.Context().socket(zmq.ROUTER)
router.setsockopt(zmq.RCVHWM, 100000)
router.setsockopt(zmq.SNDHWM, 100000)
router.bind("ipc://" + folder + "/zmq.sock")


def count(body):
    number = int(body[:body.index(b" ")])
    added = db.execute("INSERT OR IGNORE INTO event VALUES(?, ?)",
                       (number, body))
    if added.rowcount:
        db.executemany(TALLY, (
            (1000000 + number // 1000 % 365,), (2000000 + number % 9,),
            (3000000 + number % 16,), (4000000 + number % 144,),
            (5000000 + number * 7919 % 20000,)))
    return number


while True:
    batch = [router.recv_multipart()]
    while len(batch) < most:
        try:
            batch.append(router.recv_multipart(zmq.NOBLOCK))
        except zmq.Again:
            break
    db.execute("BEGIN IMMEDIATE")
    numbers = [count(body) for _, body in batch]
    db.execute("COMMIT")
    router.send_multipart(
        [batch[0][0], struct.pack("%dQ" % len(numbers), *numbers)])
