"""The outbox of the SQLite store: what each step does to its rows. All run inside a transaction.

A row is there from `hold` on, and as long after its end as it is tracked. The open attempt of one that is sending is
in `attempts`, as those of live messages are.
"""

from __future__ import annotations

import sqlite3
import time
from typing import NamedTuple

from gateway.store.base import LEASE, TRACKED
from gateway.words.decision import State

SWEPT = 500  # rows that one sweep forgets, so that nobody waits long for it

LANES = """
SELECT lane, waiting, (SELECT MIN(due) FROM outbox WHERE lane = lanes.lane AND state = :waiting AND parcel IS NOT NULL),
    (SELECT MIN(due) FROM outbox WHERE lane = lanes.lane AND state = :leased AND parcel IS NOT NULL
        AND until NOT BETWEEN :until + 1 AND :until + :longest)
FROM lanes WHERE waiting > 0
"""
TRACK = """
SELECT outbox.id, COALESCE(attempts.state, outbox.state), due, until, parcel, carrier_id
FROM outbox LEFT JOIN attempts ON attempts.id = outbox.id WHERE known = ? ORDER BY outbox.rowid DESC LIMIT 1
"""
DUE = """
SELECT id, due, parcel FROM outbox
WHERE lane = :lane AND state = :state AND due <= :due AND parcel IS NOT NULL
    AND COALESCE(until, 0) NOT BETWEEN :now + 1 AND :now + :longest ORDER BY due LIMIT :most
"""
LONGEST = int(LEASE * 1_000_000)  # microseconds; a lease that ends later was given before the clock was set back


class Row(NamedTuple):
    """One that is to be held. `due` in microseconds since 1970."""

    id: str
    known: str
    lane: str
    due: int
    parcel: bytes


class Leased(NamedTuple):
    """One that is leased, or was dropped."""

    id: str
    due: int
    parcel: bytes


def clock() -> int:
    """The store's: microseconds since 1970."""
    return time.time_ns() // 1000


def runs(until: int) -> bool:
    """Whether a lease until then is somebody's now."""
    return 0 < until - clock() <= LONGEST


def held(db: sqlite3.Connection, row: Row) -> None:
    """It waits; where it is known already, whatever became of it, nothing changes."""
    insert = "INSERT OR IGNORE INTO outbox (id, known, lane, due, parcel, state) VALUES (?, ?, ?, ?, ?, ?)"
    if db.execute(insert, (*row, State.WAITING)).rowcount:
        count = "INSERT INTO lanes VALUES (?, 1) ON CONFLICT (lane) DO UPDATE SET waiting = waiting + 1"
        db.execute(count, (row.lane,))


def leased(db: sqlite3.Connection, lane: str, most: int, worker: str, now: int, seconds: float) -> list[Leased]:
    """At most `most` of a lane, the oldest first, whose lease now ends after `seconds`."""
    at = clock()
    asked = {"lane": lane, "due": now, "now": at, "longest": LONGEST, "most": most}
    found = [
        Leased(*row)
        for state in (State.WAITING, State.LEASED)
        for row in db.execute(DUE, asked | {"state": state}).fetchall()
    ]
    chosen = sorted(found, key=lambda one: one.due)[:most]
    until = at + int(seconds * 1_000_000)
    lease = "UPDATE outbox SET state = ?, worker = ?, until = ? WHERE id = ?"
    db.executemany(lease, [(State.LEASED, worker, until, one.id) for one in chosen])
    return chosen


def departed(db: sqlite3.Connection, id_: str, worker: str) -> bool:
    """Its lease becomes an attempt; False where this worker has no lease on it any more."""
    depart = "UPDATE outbox SET state = ?, until = NULL WHERE id = ? AND state = ? AND worker = ? AND until > ?"
    return db.execute(depart, (State.SENDING, id_, State.LEASED, worker, clock())).rowcount > 0


def arrived(db: sqlite3.Connection, id_: str, state: State) -> None:
    """It is over: what was in it is forgotten."""
    over = "UPDATE outbox SET state = ?, ended = ?, until = NULL, parcel = NULL WHERE id = ?"
    db.execute(over, (state, clock(), id_))
    db.execute("UPDATE lanes SET waiting = waiting - 1 WHERE lane = (SELECT lane FROM outbox WHERE id = ?)", (id_,))


def returned(db: sqlite3.Connection, id_: str, worker: str, due: int) -> bool:
    """It waits again; False where this worker has neither a lease on it nor its attempt."""
    again = "UPDATE outbox SET state = ?, due = ?, worker = NULL, until = NULL WHERE id = ?"
    back = (State.WAITING, due, id_)
    mine = f"{again} AND state = ? AND worker = ? AND until > ?"
    if db.execute(mine, (*back, State.LEASED, worker, clock())).rowcount:
        return True
    ours = "DELETE FROM attempts WHERE id = ? AND worker = ? AND id IN (SELECT id FROM outbox)"
    if not db.execute(ours, (id_, worker)).rowcount:
        return False
    db.execute(again, back)
    return True


def dropped(db: sqlite3.Connection, id_: str, worker: str | None) -> Leased | None:
    """It is out, if it waits (no worker), also after a lease has run out, or this worker has a lease on it."""
    free = "(state = :waiting OR (state = :leased AND until NOT BETWEEN :now + 1 AND :now + :longest))"
    mine = "state = :leased AND until > :now AND worker = :worker"
    query = f"SELECT id, due, parcel FROM outbox WHERE id = :id AND {free if worker is None else mine}"  # noqa: S608
    values = {"id": id_, "worker": worker, "waiting": State.WAITING, "leased": State.LEASED, "now": clock()}
    values["longest"] = LONGEST
    row = db.execute(query, values).fetchone()
    if row is None:
        return None
    arrived(db, id_, State.DROPPED)
    return Leased(*row)


def forgotten(db: sqlite3.Connection) -> None:
    """What ended long ago is no longer tracked, and lanes in which nothing waits are gone."""
    before = clock() - int(TRACKED.total_seconds()) * 1_000_000
    old = "SELECT rowid FROM outbox WHERE ended <= ? LIMIT ?"
    db.execute(f"DELETE FROM outbox WHERE rowid IN ({old})", (before, SWEPT))  # noqa: S608 - no values in it
    db.execute("DELETE FROM lanes WHERE waiting <= 0")
