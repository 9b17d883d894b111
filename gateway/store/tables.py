"""The tables of the SQLite store, and the writes that touch several of them. All run inside a transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence, Sized
from contextlib import contextmanager
from pathlib import Path

from gateway.store.base import REPEATABLE
from gateway.store.claims import claimed_at, oldest_counting, over_by, tag_of
from gateway.store.last import last_written
from gateway.store.outbox_table import arrived, departed, doubted, forgotten
from gateway.store.recipients import Change
from gateway.store.record import Record, revision_of
from gateway.store.vault import Hash
from gateway.words.decision import State
from gateway.words.errors import GatewayError
from gateway.words.facts import SCOPE_ALL, Limit, Reservation

Keys = Sequence[bytes]

# What each schema adds to the one before; a file says its own in `user_version`. Never change one: add the next.
# place: a key's id, a colon, and the number's hash by that key. attempts.at, stops.at: microseconds since 1970.
# claims.counter: the tag of its name; claims.at: seconds since 1970, as claims.py rounds them. stops.change: a later
# stop has a higher one, also when the earlier are gone. outbox.known: the minted id, or the message's own where none
# was minted; outbox.due, outbox.until (a lease's end), outbox.ended: microseconds since 1970; outbox.parcel: NULL once
# it is over, unless its client may ask for it still: outbox.why says then how it ended (endings.py). outbox.owner and
# outbox.party: in which lists it is (owners.py); NULL: in none.
# lanes.waiting: how many of its rows in the outbox are neither over nor in doubt. lanes.emptied (when its
# bucket was empty, pace.py), lanes.rests (until when nobody leases from it) and twins.ends (until when an equal message
# is a twin): microseconds since 1970. twins.told: 1 once a twin was told the first's id.
# attempts.inquiry: inquiries.py writes it.
# keys.key, keys.digest: keyed hashes of the key of somebody's request, and of the request; keys.ends: seconds since
# 1970. links.row: the hash of a token (links.py). sent.last: last.py writes it.
_SCHEMAS = (
    """
CREATE TABLE recipients (place BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE sealed (place BLOB, part BLOB, sealed BLOB NOT NULL, PRIMARY KEY (place, part)) WITHOUT ROWID;
CREATE TABLE instructed (place BLOB, program TEXT, at INTEGER NOT NULL, PRIMARY KEY (place, program)) WITHOUT ROWID;
CREATE TABLE attempts (
    id TEXT PRIMARY KEY, worker TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL, detail BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE workers (worker TEXT PRIMARY KEY, beat REAL NOT NULL) WITHOUT ROWID;
""",
    """
CREATE TABLE claims (
    place BLOB, counter BLOB, at INTEGER, attempt TEXT, PRIMARY KEY (place, counter, at, attempt)
) WITHOUT ROWID;
CREATE TABLE lists (list TEXT, place BLOB, PRIMARY KEY (list, place)) WITHOUT ROWID;
CREATE TABLE stops (
    change INTEGER PRIMARY KEY AUTOINCREMENT, program TEXT UNIQUE NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL
);
""",
    """
CREATE TABLE outbox (
    id TEXT UNIQUE NOT NULL, known TEXT NOT NULL, lane TEXT NOT NULL, due INTEGER NOT NULL, state TEXT NOT NULL,
    worker TEXT, until INTEGER, parcel BLOB, ended INTEGER, carrier_id TEXT
);
CREATE INDEX outbox_known ON outbox (known);
CREATE INDEX outbox_due ON outbox (lane, state, due) WHERE parcel IS NOT NULL;
CREATE INDEX outbox_ended ON outbox (ended) WHERE ended IS NOT NULL;
CREATE INDEX outbox_carrier ON outbox (carrier_id) WHERE carrier_id IS NOT NULL;
CREATE TABLE lanes (lane TEXT PRIMARY KEY, waiting INTEGER NOT NULL) WITHOUT ROWID;
""",
    """
ALTER TABLE attempts ADD COLUMN inquiry TEXT NOT NULL DEFAULT '';
""",
    """
ALTER TABLE lanes ADD COLUMN emptied INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN rests INTEGER NOT NULL DEFAULT 0;
UPDATE lanes SET waiting = waiting - (
    SELECT COUNT(*) FROM attempts CROSS JOIN outbox USING (id)
    WHERE outbox.lane = lanes.lane AND attempts.state = 'in doubt'
);
CREATE TABLE twins (
    twin BLOB PRIMARY KEY, id TEXT NOT NULL, ends INTEGER NOT NULL, told INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX twins_ends ON twins (ends);
""",
    """
CREATE TABLE keys (key BLOB PRIMARY KEY, digest BLOB NOT NULL, ends INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX keys_ends ON keys (ends);
""",
    """
CREATE TABLE doubtful (id TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
""",
    """
ALTER TABLE outbox ADD COLUMN owner BLOB;
ALTER TABLE outbox ADD COLUMN party BLOB;
ALTER TABLE outbox ADD COLUMN why TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_owner ON outbox (owner) WHERE owner IS NOT NULL;
CREATE INDEX outbox_party ON outbox (party) WHERE party IS NOT NULL;
""",
    """
CREATE TABLE links (row BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
""",
    """
CREATE TABLE sent (place BLOB, program TEXT, last BLOB NOT NULL, PRIMARY KEY (place, program)) WITHOUT ROWID;
""",
)
PROBE_BYTES, _PROBE = 16_384, b""  # no number's place is empty
TRIES, PAUSE = 200, 0.05  # of turning a new file over, and seconds between them
SCHEMA = len(_SCHEMAS)  # of this program

STOPPED = (
    1 << 32
)  # what each change of stops adds to revisions: facts that were told before a stop do not hold after it


class WrongSchema(GatewayError):
    """The file was written by a newer version of the program."""


def marks(values: Sized) -> str:
    """A question mark for each, as SQL wants them."""
    return ",".join("?" * len(values))


def key_of(place: Hash) -> bytes:
    return place.key.encode() + b":" + place.digest


def place_of(key: bytes) -> Hash:
    id_, _, digest = key.partition(b":")
    return Hash(id_.decode(), digest)


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Durable, and with all tables. Several processes may do this at the same time. Raises WrongSchema."""
    _turned_to_wal(db)
    db.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
    with transaction(db):
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA:
            raise WrongSchema(f"{path} was written by a newer version (schema {version}, here {SCHEMA}); use that one")
        for table in ";".join(_SCHEMAS[version:]).split(";"):
            db.execute(table)
        db.execute(f"PRAGMA user_version = {SCHEMA}")


def _turned_to_wal(db: sqlite3.Connection) -> None:
    """Another process may be turning a new file over just now, and for that SQLite doesn't wait by itself."""
    for left in reversed(range(TRIES)):
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if not left:
                raise
            time.sleep(PAUSE)
        else:
            return


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


def probed(db: sqlite3.Connection) -> None:
    """Takes as much room as a message, and gives it back: a disk that is full says so."""
    db.execute("INSERT OR REPLACE INTO sealed VALUES (?, ?, zeroblob(?))", (_PROBE, _PROBE, PROBE_BYTES))
    db.execute("DELETE FROM sealed WHERE place = ?", (_PROBE,))


def reserved(db: sqlite3.Connection, keys: Keys, reservation: Reservation, sealed: bytes, worker: str) -> bool:
    """Whether the attempt is this worker's now, with its places under limits. `keys`: the recipient's current first."""
    held = db.execute("SELECT worker, state FROM attempts WHERE id = ?", (reservation.attempt,)).fetchone()
    if held:
        return bool(held == (worker, State.SENDING))
    revision = revision_of(_record(db, keys[0])) + STOPPED * _stopped(db, reservation.program)
    if revision != reservation.revision:
        return False
    if not all(_has_place(db, keys, limit) for limit in reservation.limits):
        return False
    if reservation.held and not departed(db, reservation.attempt, worker):
        return False
    row = (reservation.attempt, worker, State.SENDING, time.time_ns() // 1000, sealed)
    db.execute("INSERT INTO attempts (id, worker, state, at, detail) VALUES (?, ?, ?, ?, ?)", row)
    _claim(db, keys[0], reservation)
    return True


def _stopped(db: sqlite3.Connection, program: str) -> int:
    """Which change of stops was the last that keeps this program from sending; 0: none does."""
    (change,) = db.execute("SELECT MAX(change) FROM stops WHERE program IN (?, ?)", (program, SCOPE_ALL)).fetchone()
    return change or 0


def _has_place(db: sqlite3.Connection, keys: Keys, limit: Limit) -> bool:
    query = f"SELECT COUNT(*) FROM claims WHERE place IN ({marks(keys)}) AND counter = ? AND at > ?"  # noqa: S608
    (taken,) = db.execute(query, (*keys, tag_of(limit.counter), over_by(limit.since))).fetchone()
    return bool(taken < limit.most)


def _claim(db: sqlite3.Connection, key: bytes, reservation: Reservation) -> None:
    at = claimed_at(reservation.at)
    for counter, since in oldest_counting(reservation.limits).items():
        tag = tag_of(counter)
        db.execute("DELETE FROM claims WHERE place = ? AND counter = ? AND at <= ?", (key, tag, since))
        db.execute("INSERT OR IGNORE INTO claims VALUES (?, ?, ?, ?)", (key, tag, at, reservation.attempt))


def settled(
    db: sqlite3.Connection, keys: Keys, reservation: Reservation, state: State, now: int, why: str = ""
) -> None:
    """Over, or in doubt; an attempt that is not there was settled before. `now`: seconds since 1970.

    `why`: how it ended, as endings.py writes it, where its client may ask for it.
    """
    row = db.execute("SELECT state FROM attempts WHERE id = ?", (reservation.attempt,)).fetchone()
    if row is None:
        return
    was = State(row[0])
    if state is State.IN_DOUBT:
        doubted(db, [] if was is state else [reservation.attempt])
        return
    db.execute("DELETE FROM attempts WHERE id = ?", (reservation.attempt,))
    if state is State.SENT and reservation.instructs:
        db.execute("INSERT OR REPLACE INTO instructed VALUES (?, ?, ?)", (keys[0], reservation.program, now))
    if state is State.SENT and reservation.program:  # a doubt that is ended names none
        db.execute(
            "INSERT OR REPLACE INTO sent VALUES (?, ?, ?)", (keys[0], reservation.program, last_written(reservation))
        )
    if state is State.REFUSED:
        _give_back(db, keys, reservation)
    if reservation.held:
        arrived(db, reservation.attempt, state, was, why)


def _give_back(db: sqlite3.Connection, keys: Keys, reservation: Reservation) -> None:
    """Under whatever key it was claimed."""
    at = claimed_at(reservation.at)
    for key in keys:
        for tag in {tag_of(limit.counter) for limit in reservation.limits}:
            one = (key, tag, at, reservation.attempt)
            db.execute("DELETE FROM claims WHERE place = ? AND counter = ? AND at = ? AND attempt = ?", one)


def withdrawn(db: sqlite3.Connection, keys: Keys, attempt: str) -> None:
    """It gives back whatever it claimed."""
    query = f"DELETE FROM claims WHERE place IN ({marks(keys)}) AND attempt = ?"  # noqa: S608 - question marks only
    db.execute(query, (*keys, attempt))


def enlisted(db: sqlite3.Connection, name: str, keys: Keys) -> bool:
    """Whether the number was not on the list before."""
    known = struck(db, name, keys)  # it may have been under an older hash
    db.execute("INSERT INTO lists VALUES (?, ?)", (name, keys[0]))
    return not known


def struck(db: sqlite3.Connection, name: str, keys: Keys) -> bool:
    """Whether it was on the list."""
    query = f"DELETE FROM lists WHERE list = ? AND place IN ({marks(keys)})"  # noqa: S608 - question marks only
    return db.execute(query, (name, *keys)).rowcount > 0


def once(db: sqlite3.Connection, key: bytes, digest: bytes) -> bool:
    """Whether the key is new, or has this very digest; what is over is forgotten."""
    now = int(time.time())
    db.execute("DELETE FROM keys WHERE ends <= ?", (now,))
    ends = now + int(REPEATABLE.total_seconds())
    db.execute("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", (key, digest, ends))
    told = db.execute("SELECT digest FROM keys WHERE key = ?", (key,)).fetchone()
    return bool(told == (digest,))


def swept(db: sqlite3.Connection, since: float, until: float) -> int:
    """How many attempts are in doubt now, of workers that have not beaten in between (seconds since 1970).

    A beat beyond `until` is from before the clock was set back: it says nothing.
    """
    forgotten(db)
    db.execute("DELETE FROM workers WHERE beat NOT BETWEEN ? AND ? OR beat = ?", (since, until, since))
    dead = "SELECT id FROM attempts WHERE state = ? AND worker NOT IN (SELECT worker FROM workers)"
    left = [id_ for (id_,) in db.execute(dead, (State.SENDING,))]
    doubted(db, left)
    return len(left)


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
