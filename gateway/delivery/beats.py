"""A worker's signs of life, and the burial of those that give none."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from gateway.store.base import LEASE, Store


class Beats:
    """Who could not give a sign for a while can't tell the dead from those that could not either.

    After a store was away (or this process was paused) the others have the time of a lease first.
    """

    def __init__(
        self, store: Store, worker: str, *, lease: float = LEASE, now: Callable[[], float] = monotonic
    ) -> None:
        """`lease`: seconds without a sign after which the store takes a worker for dead. `now`: seconds."""
        self._store = store
        self._worker = worker
        self._lease = lease
        self._now = now
        self._last: float | None = None
        self._judges_from = 0.0

    async def beat(self) -> None:
        """This worker lives, and what dead ones left open is in doubt. Raises StoreAway."""
        await self._store.beat(self._worker)
        now, last = self._now(), self._last
        if last is not None and now - last > self._lease / 2:
            self._judges_from = now + self._lease
        self._last = now
        if now >= self._judges_from:
            await self._store.sweep()
