"""The outbox of the SQLite store, as the rest of the house asks for it."""

from __future__ import annotations

import sqlite3
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from gateway.store import outbox_table
from gateway.store.base import ASIDE
from gateway.store.endings import end_read, end_written
from gateway.store.outbox_table import LANES, LONGEST, NEVER, TRACK, LaneRow, Leased, Row
from gateway.store.owners import lists, tags, tags_of
from gateway.store.parcel import opened, unwrapped, wrapped
from gateway.store.recipients import Recipients, batches
from gateway.store.record import instant, micros
from gateway.store.tables import Keys, marks, withdrawn
from gateway.store.vault import Unopened
from gateway.words.decision import State
from gateway.words.held import End, Held, Lane, Tracked
from gateway.words.number import Number

Answer = TypeVar("Answer")
Values = Sequence[str | bytes | int] | Mapping[str, str | bytes | int]  # of a query


class SqliteOutbox(Recipients):
    """One table; leases go by the machine's clock."""

    _lease: float  # seconds

    @abstractmethod
    async def _written(self, write: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What `write` answers, once it is durable."""

    @abstractmethod
    def _rows(self, query: str, values: Values) -> list[Any]:
        """Read now."""

    @abstractmethod
    def _keys(self, number: Number) -> Keys:
        """Where a number may be remembered, the place to write to first."""

    async def hold(self, held: Sequence[Held], twins_within: timedelta = timedelta()) -> list[str]:
        within = twins_within // timedelta(microseconds=1)
        return [known for some in batches(held) for known in await self._hold([self._row(one) for one in some], within)]

    async def _hold(self, rows: Sequence[Row], within: int) -> list[str]:
        return await self._written(lambda db: [outbox_table.held(db, row, within) for row in rows])

    def _row(self, one: Held) -> Row:
        return Row(
            one.id, one.known, one.lane, micros(one.due), wrapped(self._vault, one), one.twin, tags_of(self._vault, one)
        )

    async def lanes(self, now: datetime) -> list[Lane]:
        """A lease is over by the store's clock, a message is due by the worker's."""
        clock, due = outbox_table.clock(), micros(now)
        return _sorted(row for row in self._lanes(clock) if row.due <= due or row.until <= clock)

    async def outbox(self) -> list[Lane]:
        return _sorted(self._lanes(outbox_table.clock()))

    def _lanes(self, clock: int) -> list[LaneRow]:
        states = {"waiting": State.WAITING, "leased": State.LEASED, "sending": State.SENDING}
        limits = {"now": clock, "longest": LONGEST, "never": NEVER}
        return [LaneRow(*row) for row in self._rows(LANES, {**states, **limits})]

    async def lease(self, lane: str, most: int, worker: str, now: datetime, rate: float | None) -> list[Held]:
        due, seconds = micros(now), self._lease
        found = await self._written(
            lambda db: outbox_table.leased(db, lane, most, worker, due, seconds=seconds, rate=rate)
        )
        leased = {one.id: held for one in found if (held := opened(self._vault, *one))}
        await self._set_aside([one.id for one in found if one.id not in leased], worker, micros(now + ASIDE))
        return list(leased.values())

    async def _set_aside(self, ids: Sequence[str], worker: str, due: int) -> None:
        if ids:
            await self._written(lambda db: [outbox_table.returned(db, id_, worker, due) for id_ in ids])

    async def rest(self, lane: str, seconds: float) -> None:
        await self._written(lambda db: outbox_table.rested(db, lane, seconds))

    async def put_back(self, held: Held, worker: str, due: datetime) -> bool:
        keys, at = self._keys(held.recipient), micros(due)

        def write(db: sqlite3.Connection) -> bool:
            back = outbox_table.returned(db, held.id, worker, at)
            if back:
                withdrawn(db, keys, held.id)
            return back

        return await self._written(write)

    async def amend(self, held: Held, worker: str) -> bool:
        parcel = wrapped(self._vault, held)
        return await self._written(lambda db: outbox_table.amended(db, held.id, worker, parcel))

    async def drop(
        self, id_: str, minted: str, worker: str | None, twin: bytes = b"", *, end: End | None = None
    ) -> Held | None:
        gone = await self._written(lambda db: outbox_table.dropped(db, id_, worker, twin, end_written(end)))
        return self._opened_up(gone) if gone else None

    async def track(self, minted: str) -> Tracked | None:
        rows = self._rows(TRACK, [minted])
        return self._tracked(*rows[0]) if rows else None

    def _tracked(
        self, id_: str, written: str, due: int, until: int, parcel: bytes | None, carrier_id: str | None, why: str
    ) -> Tracked:
        state = State(written)
        if state is State.LEASED and not outbox_table.runs(until):
            state = State.WAITING
        held = None if parcel is None else self._opened_up(Leased(id_, due, parcel))
        return Tracked(id_, state, instant(due), carrier_id or "", held, end_read(why))

    async def overwrite(self, minted: str, held: Held | None) -> bool:
        parcel = wrapped(self._vault, held) if held else None
        return await self._written(lambda db: outbox_table.overwritten(db, minted, parcel))

    async def kept_of(self, owner: str, to: str, most: int) -> list[Tracked]:
        wanted = tags(self._vault, owner, to)
        query = outbox_table.listing("party" if to else "owner", len(wanted))
        found = (self._openable(row) for row in self._rows(query, [*wanted, most]))
        return [one for one in found if one and one.held and lists(one.held, owner, to)]

    def _openable(self, row: Sequence[Any]) -> Tracked | None:
        """None where its key is gone: it keeps nobody from seeing the others."""
        try:
            return self._tracked(*row)
        except Unopened:
            return None

    async def accepted_as(self, minted: str, carrier_id: str) -> None:
        update = "UPDATE outbox SET carrier_id = ? WHERE known = ?"
        await self._written(lambda db: db.execute(update, (carrier_id, minted)))

    async def minted_of(self, carrier_ids: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in batches(carrier_ids):
            query = f"SELECT carrier_id, known FROM outbox WHERE carrier_id IN ({marks(some)})"  # noqa: S608
            found |= dict(self._rows(query, some))
        return found

    def _opened_up(self, one: Leased) -> Held:
        return unwrapped(self._vault, *one)


def _sorted(rows: Iterable[LaneRow]) -> list[Lane]:
    """The oldest first."""
    lanes = [Lane(row.name, row.waiting, instant(min(row.due, row.until))) for row in rows]
    return sorted(lanes, key=lambda lane: lane.earliest)
