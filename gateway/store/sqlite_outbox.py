"""The outbox of the SQLite store, as the rest of the house asks for it."""

from __future__ import annotations

import sqlite3
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from gateway.store import outbox_table
from gateway.store.outbox_table import LANES, LONGEST, TRACK, Leased, Row
from gateway.store.parcel import known_as, unwrapped, wrapped
from gateway.store.recipients import Recipients, batches
from gateway.store.record import instant, micros
from gateway.store.tables import Keys, marks, withdrawn
from gateway.words.decision import State
from gateway.words.held import Held, Lane, Tracked
from gateway.words.number import Number

FOREVER = 1 << 62  # microseconds

Answer = TypeVar("Answer")
Values = Sequence[str | bytes] | Mapping[str, str | int]  # of a query


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

    async def hold(self, held: Sequence[Held]) -> None:
        for some in batches(held):
            await self._hold([self._row(one) for one in some])

    async def _hold(self, rows: Sequence[Row]) -> None:
        def write(db: sqlite3.Connection) -> None:
            for row in rows:
                outbox_table.held(db, row)

        await self._written(write)

    def _row(self, one: Held) -> Row:
        return Row(one.id, known_as(one.id, one.minted), one.lane, micros(one.due), wrapped(self._vault, one))

    async def lanes(self, now: datetime) -> list[Lane]:
        return [lane for lane in self._lanes(outbox_table.clock()) if lane.earliest <= now]

    async def outbox(self) -> list[Lane]:
        return self._lanes(FOREVER)

    def _lanes(self, until: int) -> list[Lane]:
        """Those with one that waits or has a lease that ends by `until`, the oldest first."""
        rows = self._rows(LANES, {"waiting": State.WAITING, "leased": State.LEASED, "until": until, "longest": LONGEST})
        found = [(name, waiting, [due for due in dues if due is not None]) for name, waiting, *dues in rows]
        lanes = [Lane(name, waiting, instant(min(dues))) for name, waiting, dues in found if dues]
        return sorted(lanes, key=lambda lane: lane.earliest)

    async def lease(self, lane: str, most: int, worker: str, now: datetime) -> list[Held]:
        due, seconds = micros(now), self._lease
        found = await self._written(lambda db: outbox_table.leased(db, lane, most, worker, due, seconds))
        return [self._opened_up(one) for one in found]

    async def put_back(self, held: Held, worker: str, due: datetime) -> bool:
        keys, at = self._keys(held.recipient), micros(due)

        def write(db: sqlite3.Connection) -> bool:
            back = outbox_table.returned(db, held.id, worker, at)
            if back:
                withdrawn(db, keys, held.id)
            return back

        return await self._written(write)

    async def drop(self, id_: str, minted: str, worker: str | None) -> Held | None:
        gone = await self._written(lambda db: outbox_table.dropped(db, id_, worker))
        return self._opened_up(gone) if gone else None

    async def track(self, minted: str) -> Tracked | None:
        rows = self._rows(TRACK, [minted])
        if not rows:
            return None
        id_, written, due, until, parcel, carrier_id = rows[0]
        state = State(written)
        if state is State.LEASED and not outbox_table.runs(until):
            state = State.WAITING
        held = None if parcel is None else self._opened_up(Leased(id_, due, parcel))
        return Tracked(id_, state, instant(due), carrier_id or "", held)

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
