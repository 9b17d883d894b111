"""The store of one machine: an SQLite file that several processes share. Nothing to install; durable by itself.

Writes of one moment share a transaction and its fsync (`group.py`), in a thread. Reads go straight to the file: with
write-ahead logging nobody waits for a writer, and a look-up costs less than handing it to a thread.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from gateway.store.base import KNOWN, LEASE, NO_ENDS, Check, OpenAttempt, utc_now
from gateway.store.doubtful_kept import opened, sealed
from gateway.store.endings import end_written
from gateway.store.files import synced
from gateway.store.group import GroupCommit
from gateway.store.inquiries import inquiry_read, inquiry_written
from gateway.store.last import latest
from gateway.store.outbox_table import Leased
from gateway.store.recipients import BATCH, Change, Kept
from gateway.store.record import Record, instant, micros
from gateway.store.sqlite_facts import asking, facts_in, found_in, stops_in
from gateway.store.sqlite_outbox import SqliteOutbox, Values
from gateway.store.sqlite_renewal import SqliteRenewal
from gateway.store.tables import (
    Keys,
    changed,
    enlisted,
    key_of,
    marks,
    once,
    place_of,
    prepare,
    probed,
    reserved,
    settled,
    struck,
    swept,
    transaction,
)
from gateway.store.vault import Hash, Vault
from gateway.words.decision import State
from gateway.words.doubt import Inquiry
from gateway.words.doubtful import Doubtful
from gateway.words.errors import StoreAway
from gateway.words.facts import Facts, LastSent, Needs, Reservation, Stop
from gateway.words.held import End
from gateway.words.number import Number

BUSY = 10.0  # seconds that a write waits for another process's
CACHE = 32_000  # kilobytes of pages that a process keeps for its reads

PAGE = "SELECT place, record FROM recipients WHERE place > ? ORDER BY place"
SEALED = "SELECT place, part, sealed FROM sealed WHERE place BETWEEN ? AND ?"

Answer = TypeVar("Answer")
Write = Callable[[sqlite3.Connection], Any]


class SqliteStore(SqliteOutbox, SqliteRenewal):
    """A Store. `clock` says when a recipient was instructed; leases go by the machine's own."""

    def __init__(
        self, path: Path, vault: Vault, *, clock: Callable[[], datetime] = utc_now, lease: float = LEASE
    ) -> None:
        super().__init__(vault)
        self._path = path
        self._clock = clock
        self._lease = lease
        self._writes: GroupCommit[Write, Any] = GroupCommit(self._commit, "sqlite")
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None

    @property
    def identity(self) -> str:
        return str(self._path)

    async def open(self) -> None:
        """Makes the file where there is none, for its owner only. Raises StoreAway, or WrongSchema."""
        self._writer = await self._writes.run(self._opened)
        self._reader = self._connected(busy=0.1)
        self._reader.execute(f"PRAGMA cache_size = -{CACHE}")

    async def close(self) -> None:
        if self._reader:
            self._reader.close()
        if self._writer:
            await self._writes.run(self._writer.close)
        self._writes.close()
        self._reader = self._writer = None

    def _opened(self) -> sqlite3.Connection:
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = self._connected(busy=BUSY)
            prepare(connection, self._path)
            synced(self._path.parent)
        except (OSError, sqlite3.Error) as error:
            raise self._away(error) from error
        return connection

    def _connected(self, busy: float) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=busy, isolation_level=None, check_same_thread=False)

    async def look_up(self, needs: Sequence[Needs]) -> list[Facts]:
        if not needs:
            return []
        self._touch(need.recipient.e164 for need in needs)
        places = [self._keys(need.recipient) for need in needs]
        found = found_in(self._rows(*asking(needs, list(chain.from_iterable(places)))))
        stops = stops_in(found)
        return [facts_in(found, need, keys, stops) for need, keys in zip(needs, places, strict=True)]

    async def reserve(self, reservations: Sequence[Reservation], worker: str) -> list[bool]:
        wanted = [(self._keys(r.recipient), r, self._vault.seal(r.detail, r.attempt.encode())) for r in reservations]
        rows = self._link_rows(reservations)

        def write(db: sqlite3.Connection) -> list[bool]:
            db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?)", rows)
            return [reserved(db, *one, worker) for one in wanted]

        return await self._written(write)

    async def _rows_of(self, rows: Sequence[bytes]) -> Sequence[bytes | None]:
        query = f"SELECT row, sealed FROM links WHERE row IN ({marks(rows)})"  # noqa: S608 - question marks only
        found = dict(self._rows(query, rows))
        return [found.get(row) for row in rows]

    async def settle(self, attempts: Sequence[tuple[Reservation, State]], ends: Mapping[str, End] = NO_ENDS) -> None:
        now = int(self._clock().timestamp())
        over = [
            (self._keys(reservation.recipient), reservation, state, now, end_written(ends.get(reservation.attempt)))
            for reservation, state in attempts
        ]

        def write(db: sqlite3.Connection) -> None:
            for one in over:
                settled(db, *one)

        await self._written(write)

    async def last_sent(self, number: Number, program: str) -> LastSent | None:
        keys = self._keys(number)
        query = f"SELECT last FROM sent WHERE program = ? AND place IN ({marks(keys)})"  # noqa: S608 - question marks only
        return latest(last for (last,) in self._rows(query, [program, *keys]))

    def _keys(self, number: Number) -> Keys:
        """Where a number may be remembered, the place to write to first."""
        return list(map(key_of, self._vault.hashes(number.e164)))

    async def _enlist(self, name: str, places: Sequence[Sequence[Hash]]) -> int:
        wanted = [list(map(key_of, hashes)) for hashes in places]
        return await self._written(lambda db: sum(enlisted(db, name, keys) for keys in wanted))

    async def _strike(self, name: str, places: Sequence[Sequence[Hash]]) -> int:
        unwanted = [list(map(key_of, hashes)) for hashes in places]
        return await self._written(lambda db: sum(struck(db, name, keys) for keys in unwanted))

    async def _once(self, key: bytes, digest: bytes) -> bool:
        return await self._written(lambda db: once(db, key, digest))

    async def _told(self, key: bytes) -> bytes | None:
        query = "SELECT digest FROM keys WHERE key = :key AND ends > :now"
        rows = self._rows(query, {"key": key, "now": int(time.time())})
        return rows[0][0] if rows else None

    async def _unsaid(self, key: bytes) -> None:
        await self._run("DELETE FROM keys WHERE key = ?", key)

    async def wonder(self, reply: Doubtful) -> None:
        await self._run("INSERT OR IGNORE INTO doubtful VALUES (?, ?)", reply.id, sealed(self._vault, reply))

    async def doubtful(self) -> list[Doubtful]:
        rows = self._rows("SELECT id, sealed FROM doubtful", [])
        return sorted([opened(self._vault, *row) for row in rows], key=lambda one: one.at)

    async def judged(self, id_: str) -> bool:
        return bool(await self._run("DELETE FROM doubtful WHERE id = ?", id_))

    async def _unlist(self, name: str) -> int:
        return await self._run("DELETE FROM lists WHERE list = ?", name)

    async def _note(self, key: bytes) -> None:
        ends = int(time.time() + KNOWN.total_seconds())
        await self._written(lambda db: db.execute("INSERT OR REPLACE INTO keys VALUES (?, x'', ?)", (key, ends)))

    async def listed(self, name: str) -> int:
        [(held,)] = self._rows("SELECT COUNT(*) FROM lists WHERE list = ?", [name])
        return int(held)

    async def stop(self, stop: Stop) -> None:
        row = (stop.program, micros(stop.at), stop.reason)
        await self._run("INSERT OR REPLACE INTO stops (program, at, reason) VALUES (?, ?, ?)", *row)

    async def resume(self, program: str) -> bool:
        return bool(await self._run("DELETE FROM stops WHERE program = ?", program))

    async def stops(self) -> tuple[Stop, ...]:
        rows = self._rows("SELECT program, reason, at FROM stops ORDER BY at", [])
        return tuple(Stop(program, reason, instant(at)) for program, reason, at in rows)

    async def beat(self, worker: str) -> None:
        await self._run("INSERT OR REPLACE INTO workers VALUES (?, ?)", worker, time.time())

    async def leave(self, worker: str) -> None:
        await self._run("DELETE FROM workers WHERE worker = ?", worker)

    async def sweep(self) -> int:
        now = time.time()
        return await self._written(lambda db: swept(db, now - self._lease, now + LEASE))

    async def in_doubt(self) -> list[OpenAttempt]:
        doubted = (
            "SELECT attempts.id, attempts.worker, at, detail, inquiry, due, parcel "
            "FROM attempts LEFT JOIN outbox USING (id) WHERE attempts.state = ? ORDER BY at"
        )
        return [self._attempt(*row) for row in self._rows(doubted, [State.IN_DOUBT])]

    def _attempt(
        self, id_: str, worker: str, at: int, detail: bytes, inquiry: str, due: int, parcel: bytes | None
    ) -> OpenAttempt:
        held = None if parcel is None else self._opened_up(Leased(id_, due, parcel))
        opened = self._vault.open(detail, id_.encode())
        return OpenAttempt(id_, State.IN_DOUBT, worker, instant(at), opened, held, inquiry_read(inquiry))

    async def inquired(self, attempt: OpenAttempt, inquiry: Inquiry) -> bool:
        note = "UPDATE attempts SET inquiry = ? WHERE id = ? AND state = ? AND inquiry = ?"
        known, read = inquiry_written(inquiry), inquiry_written(attempt.inquiry)
        return bool(await self._run(note, known, attempt.id, State.IN_DOUBT, read))

    async def checks(self) -> list[Check]:
        """Whether it can be read and written now."""
        try:
            await self._written(probed)
        except StoreAway as error:
            return [Check("sqlite", good=False, why=str(error))]
        return [Check("sqlite", good=True, why="can be written; every commit is synced")]

    async def _change(self, place: Hash, change: Change) -> tuple[Record, Record]:
        return await self._written(lambda db: changed(db, key_of(place), change))

    async def _change_all(self, changes: Sequence[tuple[Hash, Change]]) -> int:
        """In the order of their places: neighbours share a page."""
        wanted = sorted([(key_of(place), change) for place, change in changes], key=itemgetter(0))
        return await self._written(lambda db: sum(old != new for old, new in (changed(db, *one) for one in wanted)))

    async def _pages(self) -> AsyncIterator[Sequence[Kept]]:
        """From place to place: whoever writes meanwhile is not kept waiting."""
        after = b""
        while rows := self._rows(f"{PAGE} LIMIT {BATCH}", [after]):
            parts: dict[bytes, dict[bytes, bytes]] = defaultdict(dict)
            for key, part, kept in self._rows(SEALED, [rows[0][0], rows[-1][0]]):
                parts[key][part] = kept
            yield [(place_of(key), Record.from_bytes(record), parts[key]) for key, record in rows]
            after = rows[-1][0]

    async def _read(self, place: Hash) -> tuple[Record, Mapping[bytes, bytes]]:
        rows = self._rows("SELECT record FROM recipients WHERE place = ?", [key_of(place)])
        parts = dict(self._rows("SELECT part, sealed FROM sealed WHERE place = ?", [key_of(place)]))
        return Record.from_bytes(rows[0][0] if rows else None), parts

    async def _run(self, statement: str, *values: str | bytes | float) -> int:
        """How many rows it changed."""
        return await self._written(lambda db: db.execute(statement, values).rowcount)

    def _rows(self, query: str, values: Values) -> list[Any]:
        if self._reader is None:
            raise StoreAway(f"{self._path} is not open")
        try:
            return self._reader.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._away(error) from error

    async def _written(self, write: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What `write` answers, once it is durable; it shares a transaction with others of this moment."""
        answer: Answer = await self._writes.add(write)
        return answer

    def _commit(self, writes: list[Write]) -> list[Any]:
        if self._writer is None:
            raise StoreAway(f"{self._path} is not open")
        try:
            with transaction(self._writer):
                return [write(self._writer) for write in writes]
        except sqlite3.Error as error:
            raise self._away(error) from error

    def _away(self, error: OSError | sqlite3.Error) -> StoreAway:
        said = error.strerror if isinstance(error, OSError) else error
        return StoreAway(f"{self._path} can't be used: {said}; see to its disk, its folder's rights, or who locks it")
