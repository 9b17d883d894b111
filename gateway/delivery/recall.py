"""Finds that this worker's clock was set back, and has what waits looked at again.

While a clock is ahead, what is put off is put off until too late an hour. Set right again, it need not wait for that
hour: it is due now, and whether it may leave is decided anew, as always.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from gateway.store.base import Store
from gateway.telemetry import log
from gateway.words.errors import StoreAway
from gateway.words.held import Held

LOOK = 1.0  # seconds between two looks at the clock
STEP = timedelta(seconds=30)  # by less than this a clock is not set back, but corrected
PAUSES = timedelta(hours=1)  # a carrier may have asked for as long a rest
BATCH = 500


class Recall:
    """Every worker does it for itself: nobody else knows that its clock was wrong."""

    def __init__(
        self, store: Store, worker: str, clock: Callable[[], datetime], now: Callable[[], float] = monotonic
    ) -> None:
        """`now`: seconds that only ever go forward."""
        self._store = store
        self._worker = worker
        self._clock = clock
        self._now = now
        self._seen = clock(), now()
        self._until: datetime | None = None  # what is put off until then has to be looked at

    async def run(self) -> None:
        """For a task of its own, until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except StoreAway:  # the next look goes on
                continue

    async def look(self) -> None:
        """Raises StoreAway; then the next look does it."""
        wall, back = self._clock(), self._set_back()
        if back > STEP:
            log.warning("the clock was set back; what waits is looked at again", seconds=int(back.total_seconds()))
            self._until = max(self._until or wall, wall + back + PAUSES)
        if self._until:
            await self._recalled(self._until)
            self._until = None

    def _set_back(self) -> timedelta:
        """By how much since the last look; negative where it was set forward."""
        (wall, at), self._seen = self._seen, (self._clock(), self._now())
        return wall + timedelta(seconds=self._seen[1] - at) - self._seen[0]

    async def _recalled(self, until: datetime) -> None:
        for lane in await self._store.lanes(until):
            leased: list[Held] = []
            while some := await self._store.lease(lane.name, BATCH, self._worker, until, None):
                leased += some
            for start in range(0, len(leased), BATCH):
                now = self._clock()
                back = [
                    self._store.put_back(held, self._worker, min(held.due, now))
                    for held in leased[start : start + BATCH]
                ]
                await asyncio.gather(*back)
