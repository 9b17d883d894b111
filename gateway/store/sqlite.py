"""The store of one machine: an SQLite file that several processes share. Nothing to install; durable by itself.

Writes of one moment share a transaction and its fsync (`group.py`), in a thread. Reads go straight to the file: with
write-ahead logging nobody waits for a writer, and a look-up costs less than handing it to a thread.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from gateway.store.base import LEASE, Check, OpenAttempt, utc_now
from gateway.store.files import synced
from gateway.store.group import GroupCommit
from gateway.store.recipients import Change, Recipients, facts
from gateway.store.record import Record, instant
from gateway.store.tables import changed, key_of, prepare, reserved, settled, swept, transaction
from gateway.store.vault import Hash, Vault
from gateway.words.decision import State
from gateway.words.errors import StoreAway
from gateway.words.facts import Facts, Needs, Reservation

BUSY = 5.0  # seconds that a write waits for another process's
CACHE = 32_000  # kilobytes of pages that a process keeps for its reads

Answer = TypeVar("Answer")
Write = Callable[[sqlite3.Connection], Any]


class SqliteStore(Recipients):
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
        places = [[key_of(place) for place in self._vault.hashes(need.recipient.e164)] for need in needs]
        found = self._found([place for several in places for place in several])
        return [_facts(need, several, found) for need, several in zip(needs, places, strict=True)]

    def _found(self, places: Sequence[bytes]) -> dict[tuple[bytes, str | None], Any]:
        """Of each place its record (under None), and when each program instructed last."""
        marks = ",".join("?" * len(places))
        rows = self._rows(
            f"SELECT place, NULL, record FROM recipients WHERE place IN ({marks}) "  # noqa: S608 - question marks only
            f"UNION ALL SELECT place, program, at FROM instructed WHERE place IN ({marks})",
            [*places, *places],
        )
        return {(place, program): value for place, program, value in rows}

    async def reserve(self, reservations: Sequence[Reservation], worker: str) -> list[bool]:
        wanted = [(self._key(r), r, self._vault.seal(r.detail, r.attempt.encode())) for r in reservations]
        return await self._written(lambda db: [reserved(db, *one, worker) for one in wanted])

    async def settle(self, attempts: Sequence[tuple[Reservation, State]]) -> None:
        now = int(self._clock().timestamp())
        over = [(self._key(reservation), reservation, state) for reservation, state in attempts]

        def write(db: sqlite3.Connection) -> None:
            for one in over:
                settled(db, *one, now)

        await self._written(write)

    def _key(self, reservation: Reservation) -> bytes:
        return key_of(self._vault.hashes(reservation.recipient.e164)[0])

    async def beat(self, worker: str) -> None:
        await self._run("INSERT OR REPLACE INTO workers VALUES (?, ?)", worker, time.time())

    async def leave(self, worker: str) -> None:
        await self._run("DELETE FROM workers WHERE worker = ?", worker)

    async def sweep(self) -> int:
        since = time.time() - self._lease
        return await self._written(lambda db: swept(db, since))

    async def in_doubt(self) -> list[OpenAttempt]:
        rows = self._rows("SELECT id, worker, at, detail FROM attempts WHERE state = ? ORDER BY at", [State.IN_DOUBT])
        return [
            OpenAttempt(id_, State.IN_DOUBT, worker, instant(at), self._vault.open(detail, id_.encode()))
            for id_, worker, at, detail in rows
        ]

    async def checks(self) -> list[Check]:
        """Whether it can be read and written now."""
        try:
            await self._written(lambda db: db.execute("UPDATE workers SET beat = beat WHERE 0"))
        except StoreAway as error:
            return [Check("sqlite", good=False, why=str(error))]
        return [Check("sqlite", good=True, why="can be written; every commit is synced")]

    async def _change(self, place: Hash, change: Change) -> tuple[Record, Record]:
        return await self._written(lambda db: changed(db, key_of(place), change))

    async def _read(self, place: Hash) -> tuple[Record, Mapping[bytes, bytes]]:
        rows = self._rows("SELECT record FROM recipients WHERE place = ?", [key_of(place)])
        parts = dict(self._rows("SELECT part, sealed FROM sealed WHERE place = ?", [key_of(place)]))
        return Record.from_bytes(rows[0][0] if rows else None), parts

    async def _run(self, statement: str, *values: str | float) -> int:
        """How many rows it changed."""
        return await self._written(lambda db: db.execute(statement, values).rowcount)

    def _rows(self, query: str, values: Sequence[str | bytes]) -> list[Any]:
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


def _facts(need: Needs, keys: Sequence[bytes], found: Mapping[tuple[bytes, str | None], Any]) -> Facts:
    """What is remembered under all hashes of a recipient; the revision is that of the current one."""
    records = [Record.from_bytes(found.get((key, None))) for key in keys]
    instructed = [found[told] for key in keys if (told := (key, need.program)) in found]
    return facts(records, max(instructed, default=None))
