"""The outbox of the SQLite store: what each step does to its rows. All run inside a transaction.

A row is there from `hold` on, and as long after its end as it is tracked. The open attempt of one that is sending is
in `attempts`, as those of live messages are.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from typing import NamedTuple

from gateway.store.base import LEASE, TRACKED
from gateway.store.owners import Tags
from gateway.store.pace import SECOND, Bucket
from gateway.words.decision import State

SWEPT = 500  # rows that one sweep forgets, so that nobody waits long for it
NEVER = 253_402_300_799 * SECOND  # the end of the year 9999
QUIET = 3600 * SECOND  # for so long a lane in which nothing waits is remembered: its bucket is full by then

LANES = """
SELECT lane, waiting,
    COALESCE((SELECT MIN(due) FROM outbox
        WHERE lane = lanes.lane AND state = :waiting AND parcel IS NOT NULL), :never),
    COALESCE((SELECT MIN(CASE WHEN until > :now + :longest THEN :now ELSE until END) FROM outbox
        WHERE lane = lanes.lane AND state IN (:leased, :sending) AND parcel IS NOT NULL), :never)
FROM lanes WHERE waiting > 0
"""
_TOLD = """
SELECT outbox.id, COALESCE(attempts.state, outbox.state), due, until, parcel, carrier_id, why
FROM outbox LEFT JOIN attempts ON attempts.id = outbox.id
"""
TRACK = f"{_TOLD} WHERE known = ? ORDER BY outbox.rowid DESC LIMIT 1"
DUE = """
SELECT id, due, parcel FROM outbox
WHERE lane = :lane AND state = :state AND due <= :due AND parcel IS NOT NULL
    AND COALESCE(until, 0) NOT BETWEEN :now + 1 AND :now + :longest ORDER BY due LIMIT :most
"""
_FORGET = "UPDATE outbox SET parcel = NULL, owner = NULL, party = NULL, why = ''"
LONGEST = int(LEASE * SECOND)  # microseconds; a lease that ends later was given before the clock was set back


class LaneRow(NamedTuple):
    """A lane in which something is. `due`, `until` in microseconds since 1970, NEVER where there is none."""

    name: str
    waiting: int
    due: int  # of what waits, the first
    until: int  # of what is leased or being sent, the end of the first lease


class Row(NamedTuple):
    """One that is to be held. `due` in microseconds since 1970."""

    id: str
    known: str
    lane: str
    due: int
    parcel: bytes
    twin: bytes
    tags: Tags | None


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


def held(db: sqlite3.Connection, row: Row, within: int) -> str:
    """It waits, and is known by its own id, or its twin by the one that is answered.

    Where it is there already, whatever became of it, nothing changes. `within`: microseconds.
    """
    if db.execute("SELECT 1 FROM outbox WHERE id = ?", (row.id,)).fetchone():
        return row.known
    if row.twin and (first := _first_of(db, row.twin)):
        return first
    insert = "INSERT INTO outbox (id, known, lane, due, parcel, state, owner, party) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    tags = row.tags or (None, None)
    db.execute(insert, (row.id, row.known, row.lane, row.due, row.parcel, State.WAITING, *tags))
    if row.twin:
        db.execute("INSERT OR REPLACE INTO twins VALUES (?, ?, ?, 0)", (row.twin, row.id, clock() + within))
    count = "INSERT INTO lanes (lane, waiting) VALUES (?, 1) ON CONFLICT (lane) DO UPDATE SET waiting = waiting + 1"
    db.execute(count, (row.lane,))
    return row.known


def _first_of(db: sqlite3.Connection, twin: bytes) -> str | None:
    """By which id the first of these twins is known, which one more is told now."""
    query = "SELECT known FROM twins JOIN outbox USING (id) WHERE twin = ? AND ends > ? AND state NOT IN (?, ?)"
    row = db.execute(query, (twin, clock(), State.DROPPED, State.REFUSED)).fetchone()
    if row is None:
        return None
    db.execute("UPDATE twins SET told = 1 WHERE twin = ?", (twin,))
    return str(row[0])


def leased(
    db: sqlite3.Connection, lane: str, most: int, worker: str, now: int, *, seconds: float, rate: float | None
) -> list[Leased]:
    """At most `most` of a lane, as far as its bucket goes, the oldest first: their lease ends after `seconds`."""
    at = clock()
    bucket = None if rate is None else _bucket(db, lane, rate, at)
    most = min(most, bucket.room) if bucket else most
    asked = {"lane": lane, "due": now, "now": at, "longest": LONGEST, "most": most}
    found = [
        Leased(*row)
        for state in (State.WAITING, State.LEASED)
        for row in db.execute(DUE, asked | {"state": state}).fetchall()
    ]
    chosen = sorted(found, key=lambda one: one.due)[:most]
    until = at + int(seconds * SECOND)
    lease = "UPDATE outbox SET state = ?, worker = ?, until = ? WHERE id = ?"
    db.executemany(lease, [(State.LEASED, worker, until, one.id) for one in chosen])
    if bucket and chosen:
        db.execute("UPDATE lanes SET emptied = ? WHERE lane = ?", (bucket.less(len(chosen)), lane))
    return chosen


def _bucket(db: sqlite3.Connection, lane: str, rate: float, at: int) -> Bucket:
    """Empty while the lane rests."""
    row = db.execute("SELECT emptied, rests FROM lanes WHERE lane = ?", (lane,)).fetchone()
    emptied, rests = row or (0, 0)
    return Bucket(rate, at, at if rests > at else emptied)


def rested(db: sqlite3.Connection, lane: str, seconds: float) -> None:
    """It rests, as long as it was to rest already, or longer."""
    rest = (
        "INSERT INTO lanes (lane, waiting, rests) VALUES (?, 0, ?) "
        "ON CONFLICT (lane) DO UPDATE SET rests = MAX(rests, excluded.rests)"
    )
    db.execute(rest, (lane, clock() + int(seconds * SECOND)))


def departed(db: sqlite3.Connection, id_: str, worker: str) -> bool:
    """Its lease becomes an attempt; False where this worker has no lease on it any more."""
    depart = "UPDATE outbox SET state = ? WHERE id = ? AND state = ? AND worker = ? AND until > ?"
    return db.execute(depart, (State.SENDING, id_, State.LEASED, worker, clock())).rowcount > 0


def doubted(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Attempts that are in doubt from now on; those from the outbox don't count in their lanes any more."""
    for id_ in ids:
        db.execute("UPDATE attempts SET state = ? WHERE id = ?", (State.IN_DOUBT, id_))
        db.execute("UPDATE outbox SET until = NULL WHERE id = ?", (id_,))
        _count(db, id_, -1)


def arrived(db: sqlite3.Connection, id_: str, state: State, was: State, why: str) -> None:
    """It is over. Without an end that its client may ask for (`why`) what was in it is forgotten."""
    over = "UPDATE outbox SET state = ?, ended = ?, until = NULL, why = ? WHERE id = ?"
    db.execute(over, (state, clock(), why, id_))
    if not why:
        db.execute(f"{_FORGET} WHERE id = ?", (id_,))
    if was is not State.IN_DOUBT:
        _count(db, id_, -1)


def _count(db: sqlite3.Connection, id_: str, more: int) -> None:
    count = "UPDATE lanes SET waiting = waiting + ? WHERE lane = (SELECT lane FROM outbox WHERE id = ?)"
    db.execute(count, (more, id_))


def returned(db: sqlite3.Connection, id_: str, worker: str, due: int) -> bool:
    """It waits again; False where this worker has neither a lease on it nor its attempt."""
    again = "UPDATE outbox SET state = ?, due = ?, worker = NULL, until = NULL WHERE id = ?"
    back = (State.WAITING, due, id_)
    mine = f"{again} AND state = ? AND worker = ? AND until > ?"
    if db.execute(mine, (*back, State.LEASED, worker, clock())).rowcount:
        return True
    ours = "SELECT attempts.state FROM attempts JOIN outbox USING (id) WHERE id = ? AND attempts.worker = ?"
    attempt = db.execute(ours, (id_, worker)).fetchone()
    if attempt is None:
        return False
    db.execute("DELETE FROM attempts WHERE id = ?", (id_,))
    db.execute(again, back)
    if attempt == (State.IN_DOUBT,):
        _count(db, id_, 1)
    return True


def amended(db: sqlite3.Connection, id_: str, worker: str, parcel: bytes) -> bool:
    """It has this parcel; False where this worker has no lease on it any more."""
    amend = "UPDATE outbox SET parcel = ? WHERE id = ? AND state = ? AND worker = ? AND until > ?"
    return db.execute(amend, (parcel, id_, State.LEASED, worker, clock())).rowcount > 0


def dropped(db: sqlite3.Connection, id_: str, worker: str | None, twin: bytes, why: str) -> Leased | None:
    """It is out, if it waits (no worker), also after a lease has run out, or this worker has a lease on it.

    Not if another was told that it is the first of these twins.
    """
    if db.execute("SELECT 1 FROM twins WHERE twin = ? AND id = ? AND told", (twin, id_)).fetchone():
        return None
    free = "(state = :waiting OR (state = :leased AND until NOT BETWEEN :now + 1 AND :now + :longest))"
    mine = "state = :leased AND until > :now AND worker = :worker"
    query = f"SELECT id, due, parcel FROM outbox WHERE id = :id AND {free if worker is None else mine}"  # noqa: S608
    values = {"id": id_, "worker": worker, "waiting": State.WAITING, "leased": State.LEASED, "now": clock()}
    values["longest"] = LONGEST
    row = db.execute(query, values).fetchone()
    if row is None:
        return None
    arrived(db, id_, State.DROPPED, State.WAITING, why)
    return Leased(*row)


def overwritten(db: sqlite3.Connection, known: str, parcel: bytes | None) -> bool:
    """What is kept of one that is over is this parcel, or nothing; False where nothing is kept."""
    kept = "WHERE known = ? AND why != '' AND parcel IS NOT NULL"
    if parcel is None:
        return db.execute(f"{_FORGET} {kept}", (known,)).rowcount > 0
    return db.execute(f"UPDATE outbox SET parcel = ? {kept}", (parcel, known)).rowcount > 0  # noqa: S608 - no values


def listing(column: str, tags: int) -> str:
    """The query for the newest of those that have one of so many tags in this column; its last value: how many."""
    marks = ",".join("?" * tags)
    return f"{_TOLD} WHERE {column} IN ({marks}) ORDER BY outbox.rowid DESC LIMIT ?"


def forgotten(db: sqlite3.Connection) -> None:
    """What ended long ago is no longer tracked, twins of long ago are none, and lanes without messages are gone."""
    now = clock()
    before = now - int(TRACKED.total_seconds()) * SECOND
    old = "SELECT rowid FROM outbox WHERE ended <= ? LIMIT ?"
    db.execute(f"DELETE FROM outbox WHERE rowid IN ({old})", (before, SWEPT))  # noqa: S608 - no values in it
    db.execute("DELETE FROM twins WHERE ends <= ?", (now,))
    db.execute("DELETE FROM lanes WHERE waiting <= 0 AND MAX(emptied, rests) <= ?", (now - QUIET,))
