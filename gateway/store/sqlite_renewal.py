"""Brings what the SQLite store keeps under the current keys, page by page along each table's primary key.

What a page reads is changed in a transaction of its own, row by row only where it is still what was read: whoever is
killed, or is not alone, leaves nothing half done.
"""

from __future__ import annotations

import sqlite3
from abc import abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.store import doubtful_kept, links
from gateway.store.owners import tags_of
from gateway.store.parcel import opened as unpacked
from gateway.store.recipients import Recipients
from gateway.store.record import Record
from gateway.store.tables import key_of, place_of
from gateway.store.vault import Unopened, Vault, sealed_by
from gateway.telemetry import log

PAGE = 200  # rows

Answer = TypeVar("Answer")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One of those that name keys. `context` takes a row's primary key to that of its seal."""

    name: str
    key: tuple[str, ...]
    hashed: tuple[str, ...] = ()  # columns that begin with a hashing key's id
    sealed: str = ""  # the column that is sealed
    context: Callable[..., bytes] = bytes

    @property
    def page(self) -> str:
        columns = ", ".join((*self.key, *self.hashed, *([self.sealed] if self.sealed else [])))
        key, values = ", ".join(self.key), ", ".join("?" * len(self.key))
        return f"SELECT {columns} FROM {self.name} WHERE ({key}) > ({values}) ORDER BY {key} LIMIT {PAGE}"  # noqa: S608

    @property
    def reseal(self) -> str:
        where = " AND ".join(f"{each} = ?" for each in (*self.key, self.sealed))
        return f"UPDATE {self.name} SET {self.sealed} = ? WHERE {where}"  # noqa: S608 - our own names


_PLACE = ("place",)
_SEALED = Table("sealed", ("place", "part"), _PLACE, "sealed", lambda place, part: place_of(place).digest + part)
_OUTBOX = Table("outbox", ("id",), ("owner", "party"), "parcel", str.encode)
TABLES = (
    _SEALED,
    Table("recipients", _PLACE, _PLACE),
    Table("instructed", ("place", "program"), _PLACE),
    Table("claims", ("place", "counter", "at", "attempt"), _PLACE),
    Table("sent", ("place", "program"), _PLACE),
    Table("lists", ("list", "place"), _PLACE),
    Table("attempts", ("id",), sealed="detail", context=str.encode),
    _OUTBOX,
    Table("doubtful", ("id",), sealed="sealed", context=doubtful_kept.context),
    Table("links", ("row",), sealed="sealed", context=links.context_of),
)
_LEAST = {"at": -1}  # before every value of that column; of the others, the empty one

# What goes from one place of a recipient's to another, which may have its own.
_MOVES = (
    """INSERT INTO instructed SELECT :to, program, at FROM instructed WHERE place = :old
    ON CONFLICT DO UPDATE SET at = MAX(at, excluded.at)""",
    "INSERT OR IGNORE INTO claims SELECT :to, counter, at, attempt FROM claims WHERE place = :old",
    """INSERT INTO sent SELECT :to, program, last FROM sent WHERE place = :old
    ON CONFLICT DO UPDATE SET last = MAX(last, excluded.last)""",
    "INSERT OR IGNORE INTO lists SELECT list, :to FROM lists WHERE place = :old",
    *(
        f"DELETE FROM {table} WHERE place = :old"  # noqa: S608 - our own names
        for table in ("instructed", "claims", "sent", "lists", "sealed", "recipients")
    ),
)


class SqliteRenewal(Recipients):
    """Of one file."""

    @abstractmethod
    async def _written(self, write: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What `write` answers, once it is durable."""

    @abstractmethod
    def _rows(self, query: str, values: Any) -> list[Any]:
        """Read now."""

    async def under_keys(self, *, renew: bool = False) -> AsyncIterator[Mapping[str, int]]:
        for table in TABLES:
            after: Row = tuple(_LEAST.get(each, b"" if each in _BINARY else "") for each in table.key)
            while rows := self._rows(table.page, after):
                after = rows[-1][: len(table.key)]
                if renew:
                    await self._gather_touched()
                    await self._renew(table, rows)
                yield _counted(table, rows)

    async def _renew(self, table: Table, rows: Sequence[Row]) -> None:
        if table is _SEALED:
            superseded = self._vault.superseded
            await self._gathered({place: None for place, *_ in rows if place_of(place).key in superseded})
        if table is _OUTBOX:
            await self._tagged(rows)
        if table.sealed:
            await self._resealed(table, rows)

    async def _resealed(self, table: Table, rows: Sequence[Row]) -> None:
        width, changed = len(table.key), []
        for row in rows:
            key, sealed = row[:width], row[-1]
            if sealed is not None and (anew := self._vault.sealed_anew(sealed, table.context(*key))):
                changed.append((anew, *key, sealed))
        if changed:
            await self._written(lambda db: db.executemany(table.reseal, changed))

    async def _tagged(self, rows: Sequence[Row]) -> None:
        """Messages of the outbox, for the lists that find them."""
        current, changed = self._vault.turn.hashing[0].encode() + b":", []
        for id_, owner, _, parcel in rows:
            if owner and parcel and not owner.startswith(current):
                held = unpacked(self._vault, id_, 0, parcel)
                if held and (tags := tags_of(self._vault, held)):
                    changed.append((*tags, id_, owner))
        if changed:
            update = "UPDATE outbox SET owner = ?, party = ? WHERE id = ? AND owner = ?"
            await self._written(lambda db: db.executemany(update, changed))

    async def _gathered(self, places: Mapping[bytes, str | None]) -> None:
        """Each with its number, where that is known already."""
        vault, whose = self._vault, self._number_of

        def write(db: sqlite3.Connection) -> None:
            for key, number in places.items():
                parts = dict(db.execute("SELECT part, sealed FROM sealed WHERE place = ?", (key,)))
                if known := number or whose(place_of(key), parts):
                    gathered(db, vault, known, key, parts)

        if places:
            await self._written(write)

    async def _gather_touched(self) -> None:
        numbers, superseded = self._taken_touched(), self._vault.superseded
        await self._gathered(
            {
                key_of(place): number
                for number in numbers
                for place in self._vault.hashes(number)
                if place.key in superseded
            }
        )


_BINARY = frozenset({"place", "part", "counter", "row"})


def gathered(db: sqlite3.Connection, vault: Vault, number: str, key: bytes, parts: Mapping[bytes, bytes]) -> None:
    """What is remembered in this place, these sealed parts among it, goes to the number's current one.

    What can't be opened keeps all of it where it is.
    """
    old, place = place_of(key), vault.hashes(number)[0]
    to = key_of(place)
    was, joining = (_record(db, each) for each in (to, key))
    joined = was.joined(joining)
    try:
        sealed = {part: vault.open(each, old.digest + part) for part, each in parts.items() if part in joined.parts}
    except Unopened as error:
        log.error("a sealed part of a record can't be opened", why=str(error))
        return
    if joined != was:
        db.execute("INSERT OR REPLACE INTO recipients VALUES (?, ?)", (to, joined.to_bytes()))
    for part, opened in sealed.items():
        row = (to, part, vault.seal(opened, place.digest + part))
        db.execute("INSERT OR IGNORE INTO sealed VALUES (?, ?, ?)", row)
    for move in _MOVES:
        db.execute(move, {"old": key, "to": to})


def _record(db: sqlite3.Connection, key: bytes) -> Record:
    row = db.execute("SELECT record FROM recipients WHERE place = ?", (key,)).fetchone()
    return Record.from_bytes(row[0] if row else None)


def _counted(table: Table, rows: Sequence[Row]) -> Counter[str]:
    """What the columns behind the primary key name."""
    found: Counter[str] = Counter()
    begin = len(table.key)
    end = begin + len(table.hashed)
    for row in rows:
        found.update(hashed.partition(b":")[0].decode() for hashed in row[begin:end] if hashed)
        if table.sealed and row[-1]:
            found[sealed_by(row[-1]).decode()] += 1
    return found
