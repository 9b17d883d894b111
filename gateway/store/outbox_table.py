"""The outbox of the SQLite store: what each step does to its rows. All run inside a transaction.

A row is there from `hold` on, and as long after its end as it is tracked. The open attempt of one that is sending is
in `attempts`, as those of live messages are.
"""

from __future__ import annotations

import sqlite3
import time
from typing import NamedTuple

from gateway.store.base import TRACKED
from gateway.words.decision import State

SWEPT = 500  # rows that one sweep forgets, so that nobody waits long for it

LANES = """
SELECT lane, waiting, (SELECT MIN(due) FROM outbox WHERE lane = lanes.lane AND state = :waiting AND parcel IS NOT NULL),
    (SELECT MIN(due) FROM outbox WHERE lane = lanes.lane AND state = :leased AND parcel IS NOT NULL AND until <= :until)
FROM lanes WHERE waiting > 0
"""
TRACK = """
SELECT outbox.id, COALESCE(attempts.state, outbox.state), due, until, parcel, carrier_id
FROM outbox LEFT JOIN attempts ON attempts.id = outbox.id WHERE known = ? ORDER BY outbox.rowid DESC LIMIT 1
"""
DUE = """
SELECT id, due, parcel FROM outbox
WHERE lane = ? AND state = ? AND due <= ? AND COALESCE(until, 0) <= ? AND parcel IS NOT NULL ORDER BY due LIMIT ?
"""


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


def held(db: sqlite3.Connection, row: Row) -> None:
    """It waits; where it is known already, whatever became of it, nothing changes."""
    insert = "INSERT OR IGNORE INTO outbox (id, known, lane, due, parcel, state) VALUES (?, ?, ?, ?, ?, ?)"
    if db.execute(insert, (*row, State.WAITING)).rowcount:
        _count(db, row.lane, 1)


def leased(db: sqlite3.Connection, lane: str, most: int, worker: str, now: int, seconds: float) -> list[Leased]:
    """At most `most` of a lane, the oldest first, whose lease now ends after `seconds`."""
    at = clock()
    found = [
        Leased(*row)
        for state in (State.WAITING, State.LEASED)
        for row in db.execute(DUE, (lane, state, now, at, most)).fetchall()
    ]
    chosen = sorted(found, key=lambda one: one.due)[:most]
    until = at + int(seconds * 1_000_000)
    lease = "UPDATE outbox SET state = ?, worker = ?, until = ? WHERE id = ?"
    db.executemany(lease, [(State.LEASED, worker, until, one.id) for one in chosen])
    return chosen


def departed(db: sqlite3.Connection, id_: str, worker: str) -> bool:
    """Its lease becomes an attempt; False where this worker has no lease on it any more."""
    lane = _lane_where(db, "id = ? AND state = ? AND worker = ? AND until > ?", id_, State.LEASED, worker, clock())
    if lane is None:
        return False
    db.execute("UPDATE outbox SET state = ?, until = NULL WHERE id = ?", (State.SENDING, id_))
    _count(db, lane, -1)
    return True


def arrived(db: sqlite3.Connection, id_: str, state: State) -> None:
    """It is over: what was in it is forgotten."""
    over = "UPDATE outbox SET state = ?, ended = ?, until = NULL, parcel = NULL WHERE id = ?"
    db.execute(over, (state, clock(), id_))


def returned(db: sqlite3.Connection, id_: str, worker: str, due: int) -> bool:
    """It waits again; False where this worker has neither a lease on it nor its attempt."""
    mine = "id = ? AND state = ? AND worker = ? AND until > ?"
    if _lane_where(db, mine, id_, State.LEASED, worker, clock()) is None:
        lane = _lane_where(db, "id = ? AND state = ? AND worker = ?", id_, State.SENDING, worker)
        if lane is None or not db.execute("DELETE FROM attempts WHERE id = ?", (id_,)).rowcount:
            return False
        _count(db, lane, 1)
    again = "UPDATE outbox SET state = ?, due = ?, worker = NULL, until = NULL WHERE id = ?"
    db.execute(again, (State.WAITING, due, id_))
    return True


def dropped(db: sqlite3.Connection, id_: str, worker: str | None) -> Leased | None:
    """It is out, if it waits (no worker), also after a lease has run out, or this worker has a lease on it."""
    if worker is None:
        free = "id = ? AND (state = ? OR (state = ? AND until <= ?))"
        lane = _lane_where(db, free, id_, State.WAITING, State.LEASED, clock())
    else:
        lane = _lane_where(db, "id = ? AND state = ? AND worker = ? AND until > ?", id_, State.LEASED, worker, clock())
    if lane is None:
        return None
    gone = Leased(*db.execute("SELECT id, due, parcel FROM outbox WHERE id = ?", (id_,)).fetchone())
    arrived(db, id_, State.DROPPED)
    _count(db, lane, -1)
    return gone


def forgotten(db: sqlite3.Connection) -> None:
    """What ended long ago is no longer tracked, and lanes in which nothing waits are gone."""
    before = clock() - int(TRACKED.total_seconds()) * 1_000_000
    old = "SELECT rowid FROM outbox WHERE ended <= ? LIMIT ?"
    db.execute(f"DELETE FROM outbox WHERE rowid IN ({old})", (before, SWEPT))  # noqa: S608 - no values in it
    db.execute("DELETE FROM lanes WHERE waiting <= 0")


def _lane_where(db: sqlite3.Connection, condition: str, *values: str | int) -> str | None:
    """The lane of the one row that the condition is about; None where it does not hold."""
    row = db.execute(f"SELECT lane FROM outbox WHERE {condition}", values).fetchone()  # noqa: S608 - ours, above
    return row[0] if row else None


def _count(db: sqlite3.Connection, lane: str, by: int) -> None:
    count = "INSERT INTO lanes VALUES (?, ?) ON CONFLICT (lane) DO UPDATE SET waiting = waiting + excluded.waiting"
    db.execute(count, (lane, by))
