"""The tables of the SQLite store, and the writes that touch several of them. All run inside a transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.store.recipients import Change
from gateway.store.record import Record, revision_of
from gateway.store.vault import Hash
from gateway.words.decision import State
from gateway.words.errors import GatewayError
from gateway.words.facts import Reservation

SCHEMA = 1  # of this program; a file says its own in `user_version`

# place: a key's id, a colon, and the number's hash by that key. attempts.at: microseconds since 1970.
_TABLES = """
CREATE TABLE recipients (place BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE sealed (place BLOB, part BLOB, sealed BLOB NOT NULL, PRIMARY KEY (place, part)) WITHOUT ROWID;
CREATE TABLE instructed (place BLOB, program TEXT, at INTEGER NOT NULL, PRIMARY KEY (place, program)) WITHOUT ROWID;
CREATE TABLE attempts (
    id TEXT PRIMARY KEY, worker TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL, detail BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE workers (worker TEXT PRIMARY KEY, beat REAL NOT NULL) WITHOUT ROWID;
"""


class WrongSchema(GatewayError):
    """The file was written by a newer version of the program."""


def key_of(place: Hash) -> bytes:
    return place.key.encode() + b":" + place.digest


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Durable, and with all tables. Several processes may do this at the same time. Raises WrongSchema."""
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
    with transaction(db):
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA:
            raise WrongSchema(f"{path} was written by a newer version (schema {version}, here {SCHEMA}); use that one")
        if version < SCHEMA:
            for table in _TABLES.split(";"):
                db.execute(table)
            db.execute(f"PRAGMA user_version = {SCHEMA}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of the block or nothing; IMMEDIATE, for a reader that turns writer half-way would not wait its turn."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def reserved(db: sqlite3.Connection, key: bytes, reservation: Reservation, sealed: bytes, worker: str) -> bool:
    """Whether the attempt is this worker's now."""
    held = db.execute("SELECT worker, state FROM attempts WHERE id = ?", (reservation.attempt,)).fetchone()
    if held:
        return bool(held == (worker, State.SENDING))
    if revision_of(_record(db, key)) != reservation.revision:
        return False
    row = (reservation.attempt, worker, State.SENDING, time.time_ns() // 1000, sealed)
    db.execute("INSERT INTO attempts VALUES (?, ?, ?, ?, ?)", row)
    return True


def settled(db: sqlite3.Connection, key: bytes, reservation: Reservation, state: State, now: int) -> None:
    """Over, or in doubt; an attempt that is not there was settled before. `now`: seconds since 1970."""
    if state is State.IN_DOUBT:
        db.execute("UPDATE attempts SET state = ? WHERE id = ?", (state, reservation.attempt))
        return
    gone = db.execute("DELETE FROM attempts WHERE id = ?", (reservation.attempt,)).rowcount
    if gone and state is State.SENT and reservation.instructs:
        db.execute("INSERT OR REPLACE INTO instructed VALUES (?, ?, ?)", (key, reservation.program, now))


def swept(db: sqlite3.Connection, since: float) -> int:
    """How many attempts are in doubt now, of workers that have not beaten since then (seconds since 1970)."""
    db.execute("DELETE FROM workers WHERE beat <= ?", (since,))
    dead = "UPDATE attempts SET state = ? WHERE state = ? AND worker NOT IN (SELECT worker FROM workers)"
    return db.execute(dead, (State.IN_DOUBT, State.SENDING)).rowcount


def changed(db: sqlite3.Connection, key: bytes, change: Change) -> tuple[Record, Record]:
    """The record before and after."""
    old = Record.from_bytes(_record(db, key))
    new = change.edit(old)
    if new != old:
        db.execute("INSERT OR REPLACE INTO recipients VALUES (?, ?)", (key, new.to_bytes()))
        for part, sealed in change.parts(old, new).items():
            db.execute("DELETE FROM sealed WHERE place = ? AND part = ?", (key, part))
            if sealed:
                db.execute("INSERT INTO sealed VALUES (?, ?, ?)", (key, part, sealed))
    return old, new


def _record(db: sqlite3.Connection, key: bytes) -> bytes | None:
    row = db.execute("SELECT record FROM recipients WHERE place = ?", (key,)).fetchone()
    return row[0] if row else None
