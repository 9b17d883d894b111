"""Settles attempts off the hot path, in batches, and goes on until the store has taken them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from gateway.store.base import Store
from gateway.words.decision import State
from gateway.words.errors import StoreAway
from gateway.words.facts import Reservation

Settlement = tuple[Reservation, State]
Write = Callable[[], Awaitable[object]]

RETRY = 0.25  # seconds between tries while the store is away
BATCH = 500  # settlements in one round trip
MOST = 10_000  # that wait for the store, before nothing more is begun


class Settler:
    """What a message became is known at once and written soon. A worker that dies in between leaves it in doubt."""

    def __init__(self, store: Store, on_away: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._on_away = on_away
        self._waiting: list[Settlement] = []
        self._owed: list[Write] = []
        self._arrived = asyncio.Event()

    @property
    def full(self) -> bool:
        """The store has taken nothing for so long that nothing more may be begun."""
        return len(self._waiting) + len(self._owed) >= MOST

    def settle(self, settlements: Sequence[Settlement]) -> None:
        self._waiting += settlements
        self._arrived.set()

    def owe(self, write: Write) -> None:
        """Another write that may be repeated: made once the store takes it."""
        self._owed.append(write)
        self._arrived.set()

    async def run(self) -> None:
        """Write what arrives, for as long as the task lives."""
        while True:
            await self._arrived.wait()
            if not await self._flushed():
                await asyncio.sleep(RETRY)

    async def close(self) -> None:
        """Write what is left; what the store does not take now is found in doubt by the next sweep."""
        await self._flushed()

    async def _flushed(self) -> bool:
        """Whether everything that had arrived is written. Repeating a settlement is harmless."""
        while batch := self._waiting[:BATCH]:
            if not await self._taken(partial(self._store.settle, batch)):
                return False
            del self._waiting[: len(batch)]
        while self._owed:
            if not await self._taken(self._owed[0]):
                return False
            del self._owed[0]
        self._arrived.clear()
        return True

    async def _taken(self, write: Write) -> bool:
        try:
            await write()
        except StoreAway:
            self._on_away()
            return False
        return True
