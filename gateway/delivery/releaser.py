"""Takes what is due out of the outbox, at the pace that the store keeps: lanes in turn, the oldest of each first."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from gateway.delivery.errand import is_of_calls
from gateway.store.base import Store
from gateway.telemetry import log
from gateway.words.errors import StoreAway
from gateway.words.held import Held

LOOK = 0.5  # seconds between two looks while nothing is due
CLOSES = 10.0  # seconds that what is on its way has to end
AT_ONCE = 16  # messages of this worker that are on their way from the outbox; live ones are not held up by them
CALLS_AT_ONCE = 4  # of these in one lane of calls: whom they go to may hang, and others must not wait for that
RATE = 10.0  # messages a second of a lane, where the upstream says nothing else
CALLS_RATE = 1000.0  # calls a second of a lane: whom they go to has asked for them

Release = Callable[[Held], Awaitable[timedelta | None]]


class Releaser:
    """One worker's share. Any number of workers and hosts do the same without a leader: the store leases."""

    def __init__(
        self,
        store: Store,
        release: Release,
        worker: str,
        clock: Callable[[], datetime],
        rate_of: Callable[[str], float] = lambda _: RATE,
    ) -> None:
        """`rate_of`: messages a second of a lane, of all workers together."""
        self._store = store
        self._release = release
        self._worker = worker
        self._clock = clock
        self._rate_of = rate_of
        self._under_way: dict[str, asyncio.Task[None]] = {}  # by message
        self._in_lane = Counter[str]()  # how many of them
        self._freed = asyncio.Event()  # one of them has ended

    async def run(self) -> None:
        """For a task of its own, until it is cancelled; what is on its way then is finished by `close`."""
        while True:
            try:
                busy = await self.look()
            except StoreAway as error:
                log.warning("the outbox can't be read", why=str(error))
                busy = False
            except Exception as error:  # noqa: BLE001 whatever it was, what else is due must leave
                log.error("the outbox failed", exc_info=error)
                busy = False
            await self._room_or(LOOK / 10 if busy else LOOK)

    async def look(self) -> bool:
        """Begin with what is due and has room; whether anything was."""
        began = False
        for lane in await self._store.lanes(self._clock()):
            room = self._room(lane.name)
            if room <= 0:
                continue
            rate = self._rate_of(lane.name)
            leased = await self._store.lease(lane.name, room, self._worker, self._clock(), rate)
            for held in leased:
                self._begin(lane.name, held)
            began = began or bool(leased)
        return began

    async def _room_or(self, seconds: float) -> None:
        """Until one that was on its way has ended, so that the next may begin; at most so long."""
        self._freed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._freed.wait(), seconds)

    async def close(self) -> None:
        """Wait for what is on its way, but not for a store that stays away: then it is in doubt."""
        tasks = list(self._under_way.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=CLOSES)
        for task in late:
            task.cancel()
        await asyncio.wait(tasks)

    def _room(self, lane: str) -> int:
        """No lane takes all of the room that is left: the next one finds some, too."""
        fair = (AT_ONCE - len(self._under_way) + 1) // 2
        return min(fair, CALLS_AT_ONCE - self._in_lane[lane]) if is_of_calls(lane) else fair

    def _begin(self, lane: str, held: Held) -> None:
        """One that is still on its way goes on with this lease."""
        if held.id in self._under_way:
            return
        task = asyncio.create_task(self._released(lane, held))
        self._under_way[held.id] = task
        self._in_lane[lane] += 1
        task.add_done_callback(lambda _: self._ended(lane, held.id))

    def _ended(self, lane: str, id_: str) -> None:
        del self._under_way[id_]
        self._in_lane[lane] -= 1
        self._freed.set()
        if not self._in_lane[lane]:
            del self._in_lane[lane]

    async def _released(self, lane: str, held: Held) -> None:
        try:
            pause = await self._release(held)
            if pause is not None:
                await self._store.rest(lane, pause.total_seconds())
        except StoreAway as error:
            log.warning("a message of the outbox has to wait for the store", message=held.id, why=str(error))
        except Exception as error:  # noqa: BLE001 one that fails must not hold up the others
            log.error("a message of the outbox failed", message=held.id, exc_info=error)
